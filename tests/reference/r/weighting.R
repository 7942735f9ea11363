# Reference values of weighting on 60 rows made by the same arithmetic here and in tests/weighting/test_weights.py.
# Run here: Rscript weighting.R  (R with survey, jsonlite); writes ../values/weighting.json
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15, survey.lonely.psu = "fail")
i <- 0:59
d <- data.frame(h = i %% 5, psu = i %% 10, w = 1 + (i * 7) %% 4, x = (i * 13) %% 17 + 1, a = c("p", "q", "r")[(i * 5) %% 7 %% 3 + 1],
                b = c("u", "v")[(i * 3) %% 11 %% 2 + 1])
d$y <- d$x + (i * 29) %% 23 / 3 + (d$a == "q") * 4
d$r <- ((i^2 + d$x) %% 7 > 2) * 1
plain <- svydesign(~psu, weights = ~w, data = d)
pairs <- svydesign(~psu, strata = ~h, weights = ~w, data = d, nest = TRUE)
T <- c(`(Intercept)` = 165, x = 1600)
fine <- list(maxit = 500, epsilon = 1e-13)
pa <- data.frame(a = c("p", "q", "r"), Freq = c(70, 55, 40)); pb <- data.frame(b = c("u", "v"), Freq = c(90, 75))
both <- c(`(Intercept)` = 165, aq = 55, ar = 40, bv = 75)
said <- function(z) { m <- svymean(~y, z); t <- svytotal(~y, z)
  list(w = as.numeric(weights(z, "sampling")), mean = c(coef(m)[[1]], SE(m)[[1]]), total = c(coef(t)[[1]], SE(t)[[1]])) }
cal <- function(z, ...) calibrate(z, ~x, T, epsilon = 1e-13, maxit = 500, ...)
rep1 <- as.svrepdesign(plain, type = "JK1"); repn <- as.svrepdesign(pairs, type = "JKn")
brr <- as.svrepdesign(pairs, type = "BRR", hadamard.matrix = hadamard(5)); fay <- as.svrepdesign(pairs, type = "Fay", fay.rho = .3, hadamard.matrix = hadamard(5))
fit <- svyglm(r ~ x + b, plain, family = quasibinomial(), control = list(epsilon = 1e-14, maxit = 100))
# Weights over a propensity: the logistic regression is fitted again under every replicate's weights, and, for the linearised
# errors, under weights of which one is a little larger or smaller (numeric influence values, by R's glm).
answering <- function(under) suppressWarnings(fitted(glm(r ~ x + b, quasibinomial(), d, weights = under, control = list(epsilon = 1e-15, maxit = 100))))
shown <- function(w) { v <- w / answering(w) * d$r; c(sum(v * d$y) / sum(v), sum(v * d$y)) }
again <- function(z) { a <- withReplicates(z, function(w, data) shown(w)); c(coef(a), SE(a)) }
influence <- t(sapply(seq_len(60), function(i) { h <- 1e-4; e <- (seq_len(60) == i) * h; (shown(d$w + e) - shown(d$w - e)) / (2 * h) }))
linear <- function(z) { z$variables$um <- influence[, 1]; z$variables$ut <- influence[, 2]; as.numeric(SE(svytotal(~um + ut, z))) }
out <- list(
  versions = list(R = as.character(getRversion()), survey = as.character(packageVersion("survey"))),
  y = d$y, r = d$r,
  post = said(postStratify(plain, ~a, pa)),
  rake = said(calibrate(plain, ~a + b, both, calfun = "raking", epsilon = 1e-13, maxit = 500)),
  linear = said(cal(plain)), raking = said(cal(plain, calfun = "raking")),
  logit = said(cal(plain, calfun = "logit", bounds = c(.5, 1.6))),
  bounded = said(cal(plain, calfun = "linear", bounds = c(.7, 1.3))),
  jk1_rake = said(rake(rep1, list(~a, ~b), list(pa, pb), control = fine)),
  jkn_linear = said(calibrate(repn, ~x, T)),
  jk1_post = said(postStratify(rep1, ~a, pa)),
  brr = c(said(brr), list(factors = weights(brr, "replication"))), fay = said(fay),
  propensity = as.numeric(fitted(fit)),
  answered = list(jk1 = again(rep1), jkn = again(repn), plain = linear(plain), pairs = linear(pairs)))
write_json(out, file.path(normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))), "../values/weighting.json"),
           digits = NA, auto_unbox = TRUE)
