# Reference values for sgsurvey/models/multilevel_ordered.py: `Rscript tests/reference/r/multilevel_ordered.R`.
# Data: ordinal::wine and soup; lme4::cbpp as rows of animals.
suppressMessages({library(ordinal); library(lme4); library(jsonlite)})

tight <- clmm.control(method = "nlminb", innerCtrl = "giveError", maxIter = 200, gradTol = 1e-9)
tight$ctrl <- list(x.tol = 1e-14, rel.tol = 1e-14)
of <- function(formula, data, nAGQ = 1, link = "logit") {
  m <- clmm(formula, data = data, nAGQ = nAGQ, link = link, control = tight, Hess = TRUE)
  s <- coef(summary(m)); q <- nrow(s)
  list(estimate = unname(s[, 1]), std_error = unname(s[, 2]), sd = unname(as.numeric(m$ST[[1]])),
       log_likelihood = as.numeric(m$logLik), effects = head(as.numeric(m$ranef), 9),
       effect_errors = head(sqrt(as.numeric(m$condVar)), 9))
}
expanded <- cbpp[rep(seq_len(nrow(cbpp)), cbpp$size), ]
first <- sequence(cbpp$size) <= rep(cbpp$incidence, cbpp$size)
expanded$y <- as.integer(first)
binary <- function(nAGQ, link) {
  m <- glmer(y ~ period + (1 | herd), expanded, binomial(link), nAGQ = nAGQ,
             control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-9), tolPwrss = 1e-12))
  list(estimate = unname(fixef(m)), sd = unname(sqrt(as.numeric(VarCorr(m)$herd))), log_likelihood = as.numeric(logLik(m)),
       std_error = unname(sqrt(diag(as.matrix(vcov(m, use.hessian = TRUE))))))
}
wine_formula <- rating ~ temp + contact + (1 | judge)
soup_formula <- SURENESS ~ PROD + (1 | RESP)
out <- list(
  wine = of(wine_formula, wine), wine_10 = of(wine_formula, wine, 10),
  wine_probit = of(wine_formula, wine, link = "probit"), wine_probit_7 = of(wine_formula, wine, 7, "probit"),
  soup = of(soup_formula, soup), soup_10 = of(soup_formula, soup, 10),
  cbpp = binary(1, "logit"), cbpp_9 = binary(9, "logit"), cbpp_probit_9 = binary(9, "probit"),
  versions = list(R = as.character(getRversion()), ordinal = as.character(packageVersion("ordinal")),
                  lme4 = as.character(packageVersion("lme4"))))
write_json(out, "tests/reference/values/multilevel_ordered.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
