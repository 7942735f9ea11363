# Ordered and binary models: MASS::polr on housing, glm on mtcars.  Writes tests/reference/values/categories.json
# Run with: Rscript tests/reference/r/categories.R  (R 4.2, MASS, jsonlite)
suppressMessages({library(MASS); library(jsonlite)})
one <- function(method) {
  o <- polr(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, method = method, Hess = TRUE,
            control = list(reltol = 1e-15, maxit = 1000))
  list(slopes = as.numeric(coef(o)), thresholds = as.numeric(o$zeta), log_likelihood = as.numeric(logLik(o)))
}
b <- function(link) {
  g <- glm(am ~ wt + hp, data = mtcars, family = binomial(link), control = glm.control(epsilon = 1e-15, maxit = 100))
  list(estimate = as.numeric(coef(g)), std_error = as.numeric(sqrt(diag(vcov(g)))),
       log_likelihood = as.numeric(logLik(g)), aic = AIC(g), bic = BIC(g))
}
write_json(list(housing = list(logit = one("logistic"), probit = one("probit")),
                mtcars = list(logit = b("logit"), probit = b("probit")),
                data = list(housing = housing, mtcars = mtcars[, c("am", "wt", "hp")]),
                versions = list(R = as.character(getRversion()), MASS = as.character(packageVersion("MASS")))),
           "tests/reference/values/categories.json", digits = NA, auto_unbox = TRUE)
