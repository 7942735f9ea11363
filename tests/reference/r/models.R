# Reference values for sgsurvey/models: run `Rscript tests/reference/r/models.R` in the project's folder.
# Data: sandwich::PetersenCL, MASS::nlschools, carData::Prestige and Duncan, datasets::longley and swiss.
suppressMessages({library(sandwich); library(clubSandwich); library(car); library(MASS); library(jsonlite)})

clustered <- function(m, cluster) {
  v <- vcovCR(m, cluster = cluster, type = "CR2")
  t <- coef_test(m, vcov = v, test = "Satterthwaite")
  list(estimate = unname(coef(m)), std_error = t$SE, df = t$df_Satt, p_value = t$p_Satt)
}
htz <- function(m, cluster, which) {
  w <- Wald_test(m, constraints = constrain_zero(which), vcov = vcovCR(m, cluster = cluster, type = "CR2"), test = "HTZ")
  list(statistic = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p_value = w$p_val)
}
se <- function(v) unname(sqrt(diag(v)))

data(PetersenCL)
petersen <- lm(y ~ x, PetersenCL)
out <- list(petersen = list(
  classical = se(vcov(petersen)),
  HC0 = se(vcovHC(petersen, "HC0")), HC1 = se(vcovHC(petersen, "HC1")),
  HC2 = se(vcovHC(petersen, "HC2")), HC3 = se(vcovHC(petersen, "HC3")),
  CR0_year = se(vcovCL(petersen, ~year, type = "HC0", cadjust = FALSE)),
  CR1_year = se(vcovCL(petersen, ~year)), CR1_firm = se(vcovCL(petersen, ~firm)),
  CR2_year = clustered(petersen, PetersenCL$year), CR2_firm = clustered(petersen, PetersenCL$firm)))

schools <- nlschools[as.integer(nlschools$class) <= 14, ]
schools$class <- droplevels(schools$class)
schools$weight <- 1 + (seq_len(nrow(schools)) %% 4) / 2
plain <- lm(lang ~ IQ + SES + GS + COMB, schools)
weighted <- lm(lang ~ IQ + SES + GS + COMB, schools, weights = weight)
fixed <- lm(lang ~ 0 + class + IQ + SES, schools)
loose <- as.character(schools$class)
loose[seq(1, nrow(schools), by = 9)] <- paste0("row", seq(1, nrow(schools), by = 9))
k <- length(coef(fixed))
out$nlschools <- list(
  plain = clustered(plain, schools$class), weighted = clustered(weighted, schools$class),
  loose = clustered(plain, loose),
  fixed = lapply(clustered(fixed, schools$class), function(x) x[c(k - 1, k)]),
  weighted_HC3 = se(vcovHC(weighted, "HC3")),
  plain_wald = htz(plain, schools$class, 2:3), weighted_wald = htz(weighted, schools$class, 2:4))

prestige <- na.omit(Prestige)
prestige$log2income <- log2(prestige$income)
one <- lm(prestige ~ education, prestige)
two <- lm(prestige ~ education + log2income, prestige)
three <- lm(prestige ~ education + log2income + type, prestige)
change <- function(small, large) { a <- anova(small, large); list(f = a$F[2], df = a$Df[2], p = a$`Pr(>F)`[2]) }
robust <- linearHypothesis(three, c("typeprof = 0", "typewc = 0"), white.adjust = "hc3", test = "F")
s <- lapply(list(one, two, three), summary)
out$prestige <- list(
  r_squared = sapply(s, function(x) x$r.squared), adj_r_squared = sapply(s, function(x) x$adj.r.squared),
  sigma = sapply(s, function(x) x$sigma), aic = sapply(list(one, two, three), AIC),
  f = sapply(s, function(x) unname(x$fstatistic[1])),
  change = list(change(one, two), change(two, three)),
  estimate = unname(coef(three)), HC3 = se(vcovHC(three, "HC3")),
  type_wald_HC3 = list(statistic = robust$F[2], p_value = robust$`Pr(>F)`[2]))

duncan <- lm(prestige ~ income + education + type, Duncan)
out$duncan <- list(gvif = unname(vif(duncan)[, 1]), scaled = unname(vif(duncan)[, 3]),
                   gvif_interaction = unname(suppressMessages(vif(lm(prestige ~ income * type, Duncan))[, 1])))
w <- lm(Fertility ~ ., swiss, weights = 1 + Catholic / 50)
out$swiss <- list(vif = unname(vif(lm(Fertility ~ ., swiss))), vif_weighted = unname(vif(w)),
                  beta = unname(coef(lm(scale(Fertility) ~ ., as.data.frame(scale(swiss))))[-1]),
                  r_squared_weighted = summary(w)$r.squared)
out$versions <- list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                     clubSandwich = as.character(packageVersion("clubSandwich")), car = as.character(packageVersion("car")))
write_json(out, "tests/reference/values/models.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
