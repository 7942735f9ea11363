# Reference values for sgsurvey/causes: run `Rscript tests/reference/r/causes.R` in the project's folder.
# Data: MASS::nlschools (pupils in classes), the first 24 classes; pupils of the first three count as having no class.
suppressMessages({library(survey); library(clubSandwich); library(MASS); library(jsonlite)})

pupils <- nlschools[as.integer(nlschools$class) <= 24, ]
pupils$class <- droplevels(pupils$class)
pupils$points <- 100 * (pupils$lang - 0) / 60
loose <- as.integer(pupils$class) <= 3
pupils$unit <- ifelse(loose, 1000 + seq_len(nrow(pupils)), as.integer(pupils$class))
pupils$stratum <- as.integer(loose)
design <- svydesign(ids = ~unit, strata = ~stratum, data = pupils, weights = ~1)
mean <- svymean(~points, design)
se <- SE(mean)[1]
df <- degf(design)
gap <- 70 - coef(mean)[[1]]

within <- pupils
for (x in c("IQ", "SES")) {
  within[[paste0(x, "_b")]] <- ave(within[[x]], within$class)
  within[[paste0(x, "_w")]] <- within[[x]] - within[[paste0(x, "_b")]]
}
mundlak <- lm(points ~ IQ_w + SES_w + IQ_b + SES_b, within)
v <- vcovCR(mundlak, cluster = within$class, type = "CR2")
tests <- coef_test(mundlak, vcov = v, test = "Satterthwaite")
gaps <- linear_contrast(mundlak, vcov = v, contrasts = rbind(c(0, -1, 0, 1, 0), c(0, 0, -1, 0, 1)))
pooled <- lm(points ~ IQ + SES, pupils)
groups <- nlevels(pupils$class)
# CR3 is the sum of squared leave-one-class-out changes; the jackknife has the factor (G - 1)/G.
jack <- sqrt((groups - 1) / groups * diag(as.matrix(vcovCR(pooled, cluster = pupils$class, type = "CR3"))))

write_json(list(
  version = paste(R.version.string, "survey", packageVersion("survey"), "clubSandwich", packageVersion("clubSandwich")),
  shortfall = list(estimate = gap, std_error = se, df = df,
                   p_problem = pt((gap - 5) / se, df, lower.tail = FALSE), p_no_problem = pt((gap - 5) / se, df)),
  mundlak = list(estimate = unname(coef(mundlak)[-1]), std_error = tests$SE[-1], df = tests$df_Satt[-1],
                 p_value = tests$p_Satt[-1]),
  difference = list(estimate = gaps$Est, std_error = gaps$SE, df = gaps$df),
  jackknife = unname(jack[-1])
), "tests/reference/values/causes.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
