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
write_json(out, "tests/reference/values/inference.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
