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
# Few differences with ties: every pattern of signs over the midranks.
d0 <- (b - a)[b != a]; ranks <- rank(abs(round(d0, 9))); sums <- as.matrix(expand.grid(rep(list(0:1), length(d0)))) %*% ranks
r <- mean(abs(sums - sum(ranks) / 2) >= abs(sum(ranks[d0 > 0]) - sum(ranks) / 2))
u <- suppressWarnings(wilcox.test(b, a))
# Without ties and zeros, so that the distribution is exact.
x <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30); y <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
e <- wilcox.test(x, y, paired = TRUE)
g <- svyranktest(api00 ~ awards, d)
write_json(list(
  welch = c(-w$statistic, w$parameter, w$p.value, -rev(w$conf.int)),
  paired = c(p$statistic, p$parameter, p$p.value, p$conf.int),
  panel = c(coef(m), SE(m), degf(d), coef(m) + c(-1, 1) * qt(.975, degf(d)) * SE(m)),
  groups = c(s$estimate, s$statistic, s$parameter, s$p.value),
  signed_ranks = r, two_samples = u$p.value, exact = e$p.value, design_ranks = as.numeric(g$p.value),
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey")))),
  "tests/reference/values/waves.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
