# Aggregated reference values (never the data) of the residents' model of overall service quality: run
# `Rscript tests/reference/r/resident_models.R` in the project's folder, with ../shared/data beside it.
# Packages: base lm, sandwich, ordinal (clm), lme4 with lmerTest and pbkrtest.
suppressMessages({library(sandwich); library(ordinal); library(lme4); library(lmerTest); library(jsonlite)})

d <- read.csv("../shared/data/kcmo_resident_survey_2021q3.csv")
d[grepl("^q(2|3|9|12)_", names(d))] <- lapply(d[grepl("^q(2|3|9|12)_", names(d))], function(x) ifelse(x %in% 1:5, x, NA))
scale_of <- function(items) {
  x <- d[items]
  ifelse(rowMeans(!is.na(x)) >= 0.75, rowMeans(x, na.rm = TRUE), NA)
}
d$STREETS <- scale_of(sprintf("q9_%02d", 1:8)); d$ENFORCE <- scale_of(sprintf("q12_%02d", 1:6))
d$SAFE <- scale_of(c("q2_05", "q2_06")); d$district <- factor(d$counci)
terms <- c("q2_02", "q3_13", "q3_12", "q3_04", "STREETS", "ENFORCE", "SAFE")
d <- d[complete.cases(d[c("q2_01", terms, "counci")]), ]
lines <- function(b, se, p) list(estimate = unname(b), std_error = unname(se), p_value = unname(p))

linear <- lm(reformulate(terms, "q2_01"), d)
v <- sqrt(diag(vcovHC(linear, "HC3"))); t <- coef(linear) / v
step <- lm(q2_01 ~ q2_02, d)
change <- anova(step, linear)
ordinal <- clm(reformulate(terms, "factor(q2_01)"), data = d, control = list(gradTol = 1e-10))
s <- coef(summary(ordinal))
mixed <- lmerTest::lmer(reformulate(c(terms, "(1 | district)"), "q2_01"), d,
                        control = lmerControl(optCtrl = list(rhobeg = 0.05, rhoend = 1e-10)))
m <- coef(summary(mixed, ddf = "Kenward-Roger"))
e <- residuals(linear); f <- fitted(linear)
out <- list(
  n = nrow(d), ols = c(lines(coef(linear), v, 2 * pt(-abs(t), linear$df.residual)), r_squared = summary(linear)$r.squared,
    f_change = change$F[2], koenker = nrow(d) * summary(lm(reformulate(terms, "I(e^2)"), d))$r.squared,
    reset = anova(linear, update(linear, . ~ . + I(f^2) + I(f^3)))$F[2]),
  ordered = c(lines(s[, 1], s[, 2], s[, 4]), log_likelihood = as.numeric(logLik(ordinal))),
  multilevel = c(lines(m[, "Estimate"], m[, "Std. Error"], m[, "Pr(>|t|)"]),
    list(df = unname(m[, "df"]), variances = as.data.frame(VarCorr(mixed))$vcov)),
  versions = list(R = as.character(getRversion()), ordinal = as.character(packageVersion("ordinal")),
                  sandwich = as.character(packageVersion("sandwich")), lme4 = as.character(packageVersion("lme4"))))
write_json(out, "tests/reference/values/resident_models.json", digits = NA, auto_unbox = TRUE)
