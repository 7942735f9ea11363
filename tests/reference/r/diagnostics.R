# Reference values for sg.diagnostics: run `Rscript tests/reference/r/diagnostics.R` in the project's folder.
# Data: carData::Duncan and Hartnagel, MASS::housing.  Tests that base R lacks are auxiliary regressions by lm, as their
# authors define them.
suppressMessages({library(car); library(ordinal); library(MASS); library(jsonlite)})

duncan <- lm(prestige ~ income + education + type, Duncan)
weights <- 1 + (seq_len(nrow(Duncan)) %% 4) / 2
weighted <- lm(prestige ~ income + education + type, Duncan, weights = weights)
influence_of <- function(m) list(
  leverage = unname(hatvalues(m)), standardised = unname(rstandard(m)), rstudent = unname(rstudent(m)),
  cooks_d = unname(cooks.distance(m)), dffits = unname(dffits(m)), dfbetas = unname(dfbetas(m)))
outlier <- outlierTest(duncan)
e <- residuals(duncan); f <- fitted(duncan)
form <- anova(duncan, lm(prestige ~ income + education + type + I(f^2) + I(f^3), Duncan))
link <- summary(lm(prestige ~ f + I(f^2), Duncan))$coefficients[3, ]
dummies <- model.matrix(duncan)[, -1]
columns <- cbind(dummies, dummies[, 1:2]^2, sapply(1:3, function(i) dummies[, i] * dummies[, (i + 1):4, drop = FALSE]) |>
  do.call(what = cbind))
X <- model.matrix(duncan); d <- svd(sweep(X, 2, sqrt(colSums(X^2)), "/"))$d
second <- lm(I(e^2) ~ columns)
out <- list(duncan = list(
  plain = influence_of(duncan), weighted = influence_of(weighted),
  outlier = list(rstudent = unname(outlier$rstudent), bonferroni = unname(outlier$bonf.p)),
  koenker = nrow(Duncan) * summary(lm(I(e^2) ~ dummies))$r.squared,
  raw = sum((fitted(lm(I(e^2 / mean(e^2)) ~ dummies)) - 1)^2) / 2,
  white = nrow(Duncan) * summary(second)$r.squared, white_df = second$rank - 1,
  white_fitted = nrow(Duncan) * summary(lm(I(e^2) ~ f + I(f^2)))$r.squared,
  reset = form$F[2], reset_p = form$`Pr(>F)`[2], link = unname(link["t value"])^2, link_p = unname(link["Pr(>|t|)"]),
  condition = max(d) / min(d),
  without_prof = unname(coef(lm(prestige ~ income + education, Duncan, subset = type != "prof")))))

hartnagel <- lm(fconvict ~ tfr + partic + degrees + mconvict, Hartnagel)
dw <- durbinWatsonTest(hartnagel, simulate = FALSE)
out$hartnagel <- list(dw = dw$dw, r = dw$r)

people <- housing[rep(seq_len(nrow(housing)), housing$Freq), ]
m <- clm(Sat ~ Infl + Type + Cont, data = people)
index <- drop(model.matrix(~ Infl + Type + Cont, people)[, -1] %*% m$beta)
index <- (index - mean(index)) / sd(index)
link <- coef(summary(clm(Sat ~ index + I(index^2), data = people)))["I(index^2)", ]
out$housing <- list(link = unname(link["z value"])^2, link_p = unname(link["Pr(>|z|)"]))

out$versions <- list(R = as.character(getRversion()), car = as.character(packageVersion("car")),
                     ordinal = as.character(packageVersion("ordinal")))
write_json(out, "tests/reference/values/diagnostics.json", digits = NA, auto_unbox = TRUE)
