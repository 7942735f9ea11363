# Reference values for sg.compare_waves: run `Rscript tests/reference/r/waves.R` in the project's folder.
# Data: datasets::sleep, survey::apiclus1.
suppressMessages({library(survey); library(jsonlite)})
w <- t.test(extra ~ group, sleep)
a <- sleep$extra[sleep$group == 1]; b <- sleep$extra[sleep$group == 2]
p <- t.test(b, a, paired = TRUE)
data(api)
d <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1)
m <- svymean(~I(api00 - api99), d)
s <- svyttest(api00 ~ awards, d)
write_json(list(
  welch = c(-w$statistic, w$parameter, w$p.value, -rev(w$conf.int)),
  paired = c(p$statistic, p$parameter, p$p.value, p$conf.int),
  panel = c(coef(m), SE(m), degf(d), coef(m) + c(-1, 1) * qt(.975, degf(d)) * SE(m)),
  groups = c(s$estimate, s$statistic, s$parameter, s$p.value),
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey")))),
  "tests/reference/values/waves.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
