# Reference values for CR3, two-way clusters, contrasts, marginal means, predictions, joint tests and equivalence:
# run `Rscript tests/reference/r/inference.R` in the project's folder.
# Data: sandwich::PetersenCL, MASS::nlschools, carData::Prestige and Duncan, MASS::housing and birthwt, datasets::sleep.
suppressMessages({library(sandwich); library(clubSandwich); library(emmeans); library(car); library(MASS)
                  library(ordinal); library(jsonlite)})
se <- function(v) unname(sqrt(diag(v)))
out <- list()

# Clusters -----------------------------------------------------------------------------------------------------
data(PetersenCL)
petersen <- lm(y ~ x, PetersenCL)
schools <- nlschools[as.integer(nlschools$class) <= 14, ]
schools$class <- droplevels(schools$class)
schools$weight <- 1 + (seq_len(nrow(schools)) %% 4) / 2
plain <- lm(lang ~ IQ + SES + GS + COMB, schools)
weighted <- lm(lang ~ IQ + SES + GS + COMB, schools, weights = weight)
without <- t(sapply(levels(schools$class), function(g) coef(update(plain, data = subset(schools, class != g)))))
cr3 <- function(m, cluster) se(vcovCR(m, cluster = cluster, type = "CR3"))
out$clusters <- list(
  petersen = list(estimate = unname(coef(petersen)), CR3_year = cr3(petersen, PetersenCL$year),
                  two_way = se(vcovCL(petersen, ~ firm + year)),
                  two_way_CR0 = se(vcovCL(petersen, ~ firm + year, type = "HC0", cadjust = FALSE))),
  CR3 = cr3(plain, schools$class), CR3_weighted = cr3(weighted, schools$class), G = nlevels(schools$class),
  jackknife = sqrt(13 / 14 * colSums(sweep(without, 2, coef(plain))^2)) |> unname())

# Two standard deviations (Gelman 2008) and Belsley's proportions, by their formulas ---------------------------------
two_sd <- function(x) if (length(unique(x)) == 2) x - mean(x) else (x - mean(x)) / (2 * sd(x))
wide <- lm(mpg ~ two_sd(hp) + two_sd(wt) + two_sd(am) + factor(gear), mtcars)
decomposed <- function(m) {
  X <- model.matrix(m) * if (is.null(weights(m))) 1 else sqrt(weights(m))
  s <- svd(sweep(X, 2, sqrt(colSums(X^2)), "/"))
  phi <- sweep(s$v^2, 2, s$d^2, "/")
  list(eigenvalue = s$d^2, index = s$d[1] / s$d, share = t(phi / rowSums(phi)))
}
out$scales <- list(two_sd = unname(coef(wide)), longley = decomposed(lm(Employed ~ ., longley)),
                   weighted = decomposed(lm(Employed ~ GNP + Year, longley, weights = Unemployed)))

# Marginal means, contrasts, joint tests, predictions ----------------------------------------------------------------
pairs_of <- function(e, adjust = "none", ...) {
  s <- summary(contrast(e, ...), adjust = adjust)
  list(estimate = s$estimate, std_error = s$SE, df = s$df, p_value = s$p.value)
}
means_of <- function(e) { s <- summary(e); list(estimate = s[[2]], std_error = s$SE, df = s$df) }
prestige <- na.omit(Prestige)
crossed <- lm(prestige ~ education + type * women, prestige)
duncan <- lm(prestige ~ income + education + type, Duncan)
e <- emmeans(duncan, "type"); f <- emmeans(crossed, "type", at = list(women = c(10, 50)))
g <- emmeans(crossed, c("type", "women"), at = list(women = c(10, 50)))
weighted_duncan <- lm(prestige ~ income + education + type, Duncan, weights = 1 + seq_len(45) %% 3)
v <- vcovCR(plain, cluster = schools$class, type = "CR2")
# Everybody with each type in turn: the rows of the model matrix, averaged.
sampled <- t(sapply(levels(prestige$type), function(t) {
  colMeans(model.matrix(delete.response(terms(crossed)), transform(prestige, type = factor(t, levels(type)))))}))
new <- data.frame(income = c(20, 60), education = c(30, 90), type = c("bc", "prof"))
p <- predict(duncan, new, se.fit = TRUE, interval = "confidence")
single <- predict(duncan, new, interval = "prediction")
cr2 <- function(rows) {
  l <- linear_contrast(plain, vcov = v, contrasts = rows, test = "Satterthwaite")
  list(estimate = l$Est, std_error = l$SE, df = l$df)
}
hypothesis <- function(m, h, ...) { a <- linearHypothesis(m, h, ...); list(f = a$F[2], p = a$`Pr(>F)`[2]) }
htz <- Wald_test(plain, constraints = matrix(c(0, 1, -20, 0, 0, 0, 0, 0, 1, 0), 2, byrow = TRUE), vcov = v, test = "HTZ")
out$means <- list(
  duncan = means_of(e), equal = means_of(f), cells = list(estimate = summary(g)$emmean, std_error = summary(g)$SE),
  sample = list(estimate = c(sampled %*% coef(crossed)), std_error = se(sampled %*% vcov(crossed) %*% t(sampled))),
  weighted = means_of(emmeans(weighted_duncan, "type", at = list(income = 40, education = 50))),
  pairs = pairs_of(e, method = "pairwise"), holm = pairs_of(e, "holm", method = "pairwise")$p_value,
  tukey = pairs_of(e, "tukey", method = "pairwise")$p_value,
  against = pairs_of(e, method = "trt.vs.ctrl", ref = 1),
  custom = pairs_of(e, method = list(others = c(-1, 0.5, 0.5))),
  joint = { j <- test(contrast(e, "pairwise"), joint = TRUE); list(df2 = j$df2, p = j$p.value) },
  predict = list(estimate = unname(p$fit[, 1]), std_error = unname(p$se.fit), conf_low = unname(p$fit[, 2]),
                 single_low = unname(single[, 2]), single_high = unname(single[, 3])),
  cr2 = cr2(rbind(c(1, 12, 30, 25, 0), c(0, 1, -20, 0, 0))),
  htz = list(f = htz$Fstat, df1 = htz$df_num, df2 = htz$df_denom, p = htz$p_val),
  equality = hypothesis(duncan, c("income = education", "typeprof = 10")))

# Models of categories ---------------------------------------------------------------------------------------------
house <- clm(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, control = clm.control(gradTol = 1e-12))
class_probs <- summary(emmeans(house, ~ Sat | Infl, mode = "prob"))
birth <- glm(low ~ age + race * smoke, binomial, transform(birthwt, race = factor(race), smoke = factor(smoke)),
             control = list(epsilon = 1e-14))
b2 <- summary(emmeans(regrid(ref_grid(birth)), "race"))
new <- data.frame(age = c(20, 30), race = factor(c(1, 3), 1:3), smoke = factor(c(1, 0), 0:1))
q <- predict(birth, new, type = "response", se.fit = TRUE)
chi <- linearHypothesis(birth, c("race2 = race3", "age = 0"), test = "Chisq")
out$categories <- list(
  housing = list(estimate = class_probs$prob, std_error = class_probs$SE),
  housing_pairs = pairs_of(emmeans(house, "Infl"), "holm", method = "pairwise"),
  birth = list(estimate = b2[[2]], std_error = b2$SE), birth_pairs = pairs_of(emmeans(birth, "race"), method = "pairwise"),
  predict = list(estimate = unname(q$fit), std_error = unname(q$se.fit)),
  wald = list(chi = chi$Chisq[2], p = chi$`Pr(>Chisq)`[2]))
# Ranks of whole numbers, so that rounding breaks no ties.
# Equivalence: two one-sided tests ---------------------------------------------------------------------------------
suppressMessages(library(survey))
tails <- function(test, low, high, ...) {
  c(test(..., mu = low, alternative = "greater")$p.value, test(..., mu = high, alternative = "less")$p.value)
}
one <- sleep$extra[sleep$group == 1]; two <- sleep$extra[sleep$group == 2]
mann <- function(...) suppressWarnings(wilcox.test(..., exact = FALSE, correct = TRUE))
# Few differences: every pattern of signs over the midranks.
every_sign <- function(d, as_far) {
  d <- d[d != 0]; ranks <- rank(abs(d))
  mean(as_far(as.matrix(expand.grid(rep(list(0:1), length(d)))) %*% ranks, sum(ranks[d > 0])))
}
cars <- split(mtcars$qsec, mtcars$am)
data(api)
# No two schools alike: svyranktest takes ties in the order of the rows.
apistrat$api00 <- apistrat$api00 + seq_len(200) / 1000
design <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
apart <- svyttest(api00 ~ sch.wide, design)
shifted <- function(limit, lower) {
  moved <- transform(apistrat, api00 = api00 - limit * (sch.wide == "No"))
  r <- svyranktest(api00 ~ sch.wide, svydesign(id = ~1, strata = ~stype, weights = ~pw, data = moved, fpc = ~fpc))
  # The test is of the second group less the first.
  pt(unname(r$statistic), unname(r$parameter), lower.tail = !lower)
}
coefs <- coef_test(plain, vcov = v, test = "Satterthwaite")
slope <- function(b, s, df, m) c(pt((b + m) / s, df, lower.tail = FALSE), pt((b - m) / s, df))
out$equivalence <- list(
  welch = tails(t.test, -1.5, 1.5, cars[[1]], cars[[2]]), mann = tails(mann, -150, 150, round(100 * cars[[1]]), round(100 * cars[[2]])),
  paired = tails(t.test, -2, 1, one, two, paired = TRUE), signed = c(every_sign(round(10 * (one - two)) + 20, `>=`), every_sign(round(10 * (one - two)) - 10, `<=`)),
  value = tails(t.test, 19.5 - 1, 19.5 + 1, mtcars$mpg), signed_value = tails(mann, 185, 205, round(10 * mtcars$mpg)),
  interval = c(t.test(cars[[1]], cars[[2]], conf.level = 0.9)$conf.int),
  design = slope(-unname(apart$estimate)[1], unname(apart$estimate[1] / apart$statistic), unname(apart$parameter), 60.00037),
  design_ranks = c(shifted(-60.00037, FALSE), shifted(60.00037, TRUE)),
  cr2 = slope(coefs$beta[3], coefs$SE[3], coefs$df_Satt[3], 0.4))
# Offsets --------------------------------------------------------------------------------------------------------
half <- transform(Duncan, half = income / 2)
with_half <- lm(prestige ~ education + type + offset(half), half)
new <- data.frame(education = c(30, 90), type = c("bc", "prof"), half = c(10, 40))
p <- predict(with_half, new, se.fit = TRUE, interval = "prediction")
fixed <- transform(birthwt, fixed = -lwt / 100, race = factor(race))
logit <- glm(low ~ age + race + offset(fixed), binomial, fixed, control = list(epsilon = 1e-14))
tasted <- transform(wine, cold = 0.5 * as.numeric(judge))
ordinal_fit <- clm(rating ~ temp + contact + offset(cold), data = tasted, control = clm.control(gradTol = 1e-12))
free <- clm(rating ~ 1 + offset(cold), data = tasted, control = clm.control(gradTol = 1e-12))
q <- predict(logit, transform(fixed[1:3, ], fixed = c(-2, -1, 0)), type = "response", se.fit = TRUE)
e <- summary(emmeans(with_half, "type"))
out$offset <- list(
  ols = list(estimate = unname(coef(with_half)), std_error = se(vcov(with_half)), r_squared = summary(lm(prestige - half ~ education + type, half))$r.squared,
             predicted = unname(p$fit[, 1]), single_low = unname(p$fit[, 2]), means = e$emmean, means_error = e$SE),
  logit = list(estimate = unname(coef(logit)), std_error = se(vcov(logit)), log_likelihood = as.numeric(logLik(logit)),
               predicted = unname(q$fit), predicted_error = unname(q$se.fit)),
  ordered = list(estimate = unname(ordinal_fit$beta), thresholds = unname(ordinal_fit$alpha),
                 std_error = unname(se(vcov(ordinal_fit))[5:6]), log_likelihood = as.numeric(logLik(ordinal_fit)),
                 null = as.numeric(logLik(free))))
out$versions <- list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")),
                     clubSandwich = as.character(packageVersion("clubSandwich")),
                     car = as.character(packageVersion("car")), ordinal = as.character(packageVersion("ordinal")),
                     survey = as.character(packageVersion("survey")))
write_json(out, "tests/reference/values/inference.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
