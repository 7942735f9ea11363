# Reference values for random slopes and crossed groups: `Rscript tests/reference/r/multilevel_random.R` in the project's folder.
# Data: lme4::sleepstudy, Penicillin, Pastes, InstEval; MASS::nlschools.
suppressMessages({library(lme4); library(lmerTest); library(nlme); library(numDeriv); library(jsonlite)})

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-10, maxfun = 1e5), calc.derivs = FALSE)
fit <- function(formula, data, REML = TRUE) suppressMessages(suppressWarnings(
  lmerTest::lmer(formula, data, REML = REML, control = tight)))

# Variances and covariances, in lme4's order, from lmerTest's parameters (theta, sigma).
components <- function(varpar, m) {
  k <- length(varpar); theta <- varpar[-k]; s2 <- varpar[k]^2; out <- c(); at <- 0
  for (q in lengths(m@cnms)) {
    L <- matrix(0, q, q); L[lower.tri(L, TRUE)] <- theta[at + seq_len(q * (q + 1) / 2)]; at <- at + q * (q + 1) / 2
    D <- s2 * tcrossprod(L); out <- c(out, diag(D), D[lower.tri(D)])
  }
  c(out, s2)
}

# Mean over the rows of z' D z (Johnson 2014), all groupings together.
random_variance <- function(m) {
  Zt <- getME(m, "Zt"); Lt <- getME(m, "Lambdat"); sigma(m)^2 * sum((Lt %*% Zt)^2) / ncol(Zt)
}

without <- function(m, smaller) 2 * (as.numeric(logLik(m)) - as.numeric(logLik(smaller, REML = isREML(m))))

of <- function(m, smaller = NULL) {
  s <- coef(summary(m)); v <- as.data.frame(VarCorr(m)); r <- ranef(m, condVar = TRUE)
  varpar <- c(getME(m, "theta"), sigma(m)); J <- jacobian(function(at) components(at, m), varpar)
  list(estimate = unname(s[, "Estimate"]), std_error = unname(s[, "Std. Error"]), df = unname(s[, "df"]),
       components = components(varpar, m), component_errors = sqrt(diag(J %*% m@vcov_varpar %*% t(J))),
       correlation = if (any(!is.na(v$var2))) v$sdcor[!is.na(v$var2)],
       log_likelihood = as.numeric(logLik(m)), aic = AIC(m), bic = BIC(m), singular = isSingular(m, tol = 1e-5),
       effects = lapply(r, function(f) unname(as.list(f))),
       effect_errors = lapply(r, function(f) { p <- attr(f, "postVar")
         if (is.list(p)) p <- p[[1]]
         unname(lapply(seq_len(dim(p)[1]), function(k) sqrt(p[k, k, ]))) }),
       lr = if (!is.null(smaller)) sapply(smaller, function(f) without(m, f)),
       fixed_variance = var(as.numeric(getME(m, "X") %*% fixef(m))), random_variance = random_variance(m))
}

schools <- MASS::nlschools
fourteen <- schools[as.integer(schools$class) <= 14, ]; fourteen$class <- droplevels(fourteen$class)
fourteen$third <- factor(seq_len(nrow(fourteen)) %% 3)
uneven <- sleepstudy[!(seq_len(180) %% 7 %in% c(2, 3)) & !(sleepstudy$Subject == "308" & sleepstudy$Days > 0), ]
few <- InstEval[as.integer(InstEval$s) <= 400, ]; few <- droplevels(few)

slopes <- Reaction ~ Days + (Days | Subject); plain <- Reaction ~ Days + (1 | Subject)
two <- lang ~ IQ + SES + COMB + (IQ + SES | class)
wide <- lme(Reaction ~ Days, random = ~ Days | Subject, data = sleepstudy, control = lmeControl(msTol = 1e-12, tolerance = 1e-10, .relStep = 1e-4))

out <- list(
  sleepstudy = of(fit(slopes, sleepstudy), list(fit(plain, sleepstudy))),
  sleepstudy_ml = of(fit(slopes, sleepstudy, FALSE), list(fit(plain, sleepstudy, FALSE))),
  uneven = of(fit(slopes, uneven), list(fit(plain, uneven))),
  nlschools = of(fit(two, schools), list(fit(lang ~ IQ + SES + COMB + (SES | class), schools), fit(lang ~ IQ + SES + COMB + (IQ | class), schools))),
  singular = of(fit(lang ~ IQ + SES + (SES | class), fourteen), list(fit(lang ~ IQ + SES + (1 | class), fourteen))),
  nlme = list(sd = unname(as.matrix(intervals(wide, which = "var-cov")$reStruct$Subject[1:2, c(1, 3)])),
              correlation = unname(unlist(intervals(wide, which = "var-cov")$reStruct$Subject[3, c(1, 3)])),
              residual = unname(intervals(wide, which = "var-cov")$sigma[c(1, 3)])),
  penicillin = of(fit(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin), list(fit(diameter ~ 1 + (1 | sample), Penicillin), fit(diameter ~ 1 + (1 | plate), Penicillin))),
  penicillin_ml = of(fit(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin, FALSE), list(fit(diameter ~ 1 + (1 | sample), Penicillin, FALSE), fit(diameter ~ 1 + (1 | plate), Penicillin, FALSE))),
  pastes = of(fit(strength ~ 1 + (1 | sample) + (1 | batch), Pastes), list(fit(strength ~ 1 + (1 | batch), Pastes), fit(strength ~ 1 + (1 | sample), Pastes))),
  thirds = of(fit(lang ~ IQ + SES + (1 | class) + (1 | third), fourteen), list(fit(lang ~ IQ + SES + (1 | third), fourteen), fit(lang ~ IQ + SES + (1 | class), fourteen))),
  three = of(fit(y ~ service + (1 | s) + (1 | d) + (1 | dept), few), list(fit(y ~ service + (1 | d) + (1 | dept), few), fit(y ~ service + (1 | s) + (1 | dept), few), fit(y ~ service + (1 | s) + (1 | d), few))),
  insteval = {
    m <- fit(y ~ service + (1 | s) + (1 | d), InstEval)
    c(of(m)[c("estimate", "std_error", "df", "components", "component_errors", "log_likelihood", "aic", "bic", "fixed_variance", "random_variance")],
      list(lr = c(without(m, fit(y ~ service + (1 | d), InstEval)), without(m, fit(y ~ service + (1 | s), InstEval)))))
  },
  versions = list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")),
                  nlme = as.character(packageVersion("nlme"))))
write_json(out, "tests/reference/values/multilevel_random.json", auto_unbox = TRUE, digits = NA, pretty = FALSE)
