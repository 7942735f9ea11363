# Reference values for sgsurvey/models/multilevel.py: run `Rscript tests/reference/r/multilevel.R` in the project's folder.
# Data: lme4::sleepstudy, Penicillin, Dyestuff2; the first 14 classes of MASS::nlschools.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.05, rhoend = 1e-10), calc.derivs = FALSE)
fit <- function(formula, data, REML = TRUE) suppressMessages(lmerTest::lmer(formula, data, REML = REML, control = tight))

flat <- function(m) { frame <- model.frame(m); lm(nobars(formula(m)), frame) }
of <- function(m, joint = NULL) {
  s <- coef(summary(m)); v <- as.data.frame(VarCorr(m)); r <- ranef(m, condVar = TRUE)[[1]]
  out <- list(estimate = unname(s[, "Estimate"]), std_error = unname(s[, "Std. Error"]), df = unname(s[, "df"]),
              variances = v$vcov, log_likelihood = as.numeric(logLik(m)), aic = AIC(m), bic = BIC(m),
              effects = r[, 1], effect_errors = sqrt(as.numeric(attr(r, "postVar"))),
              lr = 2 * as.numeric(logLik(m) - logLik(flat(m), REML = isREML(m))), fixed_variance = var(as.numeric(getME(m, "X") %*% fixef(m))))
  if (isREML(m)) {
    k <- coef(summary(m, ddf = "Kenward-Roger"))
    out$kr_std_error <- unname(k[, "Std. Error"]); out$kr_df <- unname(k[, "df"])
  }
  if (!is.null(joint)) for (ddf in c("Satterthwaite", if (isREML(m)) "Kenward-Roger")) {
    a <- anova(m, ddf = ddf)[joint, ]
    out[[paste0("joint_", tolower(substr(ddf, 1, 1)))]] <- c(a$`F value`, a$NumDF, a$DenDF, a$`Pr(>F)`)
  }
  out
}

# Profile likelihood under REML: the restricted likelihood by dense matrices, its limits by search.
profile_reml <- function(m) {
  X <- getME(m, "X"); y <- getME(m, "y"); Z <- as.matrix(getME(m, "Z")); n <- length(y); p <- ncol(X)
  deviance <- function(a, s) {
    V <- a * tcrossprod(Z) + s * diag(n); L <- chol(V)
    Xs <- backsolve(L, X, transpose = TRUE); ys <- backsolve(L, y, transpose = TRUE)
    r <- lm.fit(Xs, ys)$residuals
    2 * sum(log(diag(L))) + as.numeric(determinant(crossprod(Xs))$modulus) + sum(r^2) + (n - p) * log(2 * pi)
  }
  v <- as.data.frame(VarCorr(m))$vcov
  limit <- deviance(v[1], v[2]) + qchisq(0.95, 1)
  best_s <- function(a) optimize(function(t) deviance(a, exp(t)), log(v[2]) + c(-2, 2), tol = 1e-9)$objective
  best_a <- function(s) optimize(function(t) deviance(exp(t), s), log(v[1]) + c(-5, 5), tol = 1e-9)$objective
  best_r <- function(r) optimize(function(t) deviance(r * exp(t), exp(t)), log(v[2]) + c(-2, 2), tol = 1e-9)$objective
  ends <- function(f, at, low, high) c(uniroot(function(x) f(x) - limit, c(low, at), tol = 1e-10)$root,
                                       uniroot(function(x) f(x) - limit, c(at, high), tol = 1e-10)$root)
  ratio <- v[1] / v[2]; r <- ends(best_r, ratio, ratio / 50, 20 * ratio)
  list(group = ends(best_s, v[1], v[1] / 50, 20 * v[1]), residual = ends(best_a, v[2], v[2] / 3, 3 * v[2]),
       icc = r / (1 + r))
}

schools <- MASS::nlschools[as.integer(MASS::nlschools$class) <= 14, ]
schools$class <- droplevels(schools$class)
schools$third <- factor(seq_len(nrow(schools)) %% 3)
sleep <- fit(Reaction ~ Days + (1 | Subject), sleepstudy)
sleep_ml <- fit(Reaction ~ Days + (1 | Subject), sleepstudy, FALSE)
nl <- fit(lang ~ IQ + SES + COMB + third + (1 | class), schools)
uneven <- sleepstudy[!(seq_len(180) %% 7 %in% c(2, 3)) & !(sleepstudy$Subject == "308" & sleepstudy$Days > 0), ]

cells <- function(m, by) {
  e <- emmeans(m, by, lmer.df = "kenward-roger"); p <- as.data.frame(pairs(e, adjust = "none")); e <- as.data.frame(e)
  list(mean = e$emmean, std_error = e$SE, df = e$df, difference = p$estimate, difference_error = p$SE,
       difference_df = p$df)
}

# Predictions by the mixed model equations (Henderson): the inverse of their matrix is the covariance of b and u - u'.
predicted <- function(m, rows) {
  X <- getME(m, "X"); Z <- as.matrix(getME(m, "Z")); v <- as.data.frame(VarCorr(m))$vcov; p <- ncol(X)
  C <- solve(rbind(cbind(crossprod(X), crossprod(X, Z)), cbind(crossprod(Z, X), crossprod(Z) + diag(v[2] / v[1], ncol(Z))))) * v[2]
  w <- cbind(X, Z)[rows, ]; x <- X[rows, ]
  list(group = unname(predict(m)[rows]), population = unname(predict(m, re.form = NA)[rows]),
       group_error = sqrt(rowSums((w %*% C) * w)), unknown_error = sqrt(rowSums((x %*% C[1:p, 1:p]) * x) + v[1]),
       population_error = sqrt(rowSums((x %*% C[1:p, 1:p]) * x)))
}

out <- list(
  predicted = lapply(list(nlschools = predicted(nl, c(1, 40, 111, 180, 202)), sleepstudy = predicted(sleep, c(1, 15, 90, 180))), lapply, unname),
  means = list(nlschools = cells(nl, "third"), penicillin = cells(fit(diameter ~ sample + (1 | plate), Penicillin), "sample")),
  sleepstudy = c(of(sleep), list(profile = profile_reml(sleep))),
  sleepstudy_ml = c(of(sleep_ml), list(profile = unname(suppressMessages(confint(sleep_ml, 1:2))^2))),
  uneven = of(fit(Reaction ~ Days + (1 | Subject), uneven)),
  penicillin = of(fit(diameter ~ sample + (1 | plate), Penicillin), "sample"),
  nlschools = c(of(nl, "third"), list(profile = profile_reml(nl))),
  nlschools_ml = of(fit(lang ~ IQ + SES + COMB + third + (1 | class), schools, FALSE), "third"),
  dyestuff2 = of(fit(Yield ~ 1 + (1 | Batch), Dyestuff2)),
  versions = list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
                  lmerTest = as.character(packageVersion("lmerTest")),
                  emmeans = as.character(packageVersion("emmeans")), pbkrtest = as.character(packageVersion("pbkrtest"))))
write_json(out, "tests/reference/values/multilevel.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
