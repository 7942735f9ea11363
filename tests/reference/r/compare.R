# Differences between groups on R's own data sets: base R for Welch's t and F, ranks and Tukey's range; effect sizes and
# Games-Howell from their published formulas with R's pt, pf, ptukey and uniroot.
# Descriptives by psych; means of clusters by survey; ICC(1) by psych.
# Rscript compare.R > ../values/compare.json
suppressPackageStartupMessages({library(jsonlite); library(psych); library(survey)})

noncentral <- function(cdf, at, start) uniroot(function(nc) cdf(nc) - at, start, tol = 1e-13, maxiter = 10000)$root

g_of <- function(x, y) {
  n1 <- length(x); n2 <- length(y); df <- n1 + n2 - 2
  sp <- sqrt(((n1 - 1) * var(x) + (n2 - 1) * var(y)) / df)
  d <- (mean(x) - mean(y)) / sp
  root <- sqrt(1 / n1 + 1 / n2)
  j <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  ends <- sapply(c(.975, .025), function(at) noncentral(function(nc) pt(d / root, df, nc), at, c(-20, 20)))
  c(j * d, j * ends * root)
}

omega_of <- function(y, group) {
  a <- anova(lm(y ~ group))
  f <- a$`F value`[1]; df1 <- a$Df[1]; df2 <- a$Df[2]; n <- length(y)
  w <- (a$`Sum Sq`[1] - df1 * a$`Mean Sq`[2]) / (sum(a$`Sum Sq`) + a$`Mean Sq`[2])
  ends <- sapply(c(.975, .025), function(at)
    if (pf(f, df1, df2) <= at) 0 else noncentral(function(nc) pf(f, df1, df2, nc), at, c(0, 2000)))
  c(w, ends / (ends + n))
}

games_howell <- function(y, group) {
  k <- nlevels(group); m <- tapply(y, group, mean); v <- tapply(y, group, var); n <- tapply(y, group, length)
  rows <- list()
  for (i in 1:(k - 1)) for (j in (i + 1):k) {
    se <- sqrt(v[i] / n[i] + v[j] / n[j])
    df <- (v[i] / n[i] + v[j] / n[j])^2 / ((v[i] / n[i])^2 / (n[i] - 1) + (v[j] / n[j])^2 / (n[j] - 1))
    d <- m[i] - m[j]
    half <- qtukey(.95, k, df) / sqrt(2) * se
    rows[[length(rows) + 1]] <- unname(c(d, se, df, ptukey(abs(d) / se * sqrt(2), k, df, lower.tail = FALSE), d - half, d + half))
  }
  do.call(rbind, rows)
}

two <- function(y, group) {
  parts <- split(y, group)
  t <- t.test(parts[[1]], parts[[2]])
  u <- wilcox.test(parts[[1]], parts[[2]], exact = FALSE, correct = TRUE)
  list(t = unname(t$statistic), df = unname(t$parameter), p = t$p.value, g = g_of(parts[[1]], parts[[2]]),
       u = unname(u$statistic), u_p = u$p.value)
}

many <- function(y, group) {
  f <- oneway.test(y ~ group)
  h <- kruskal.test(y, group)
  list(f = unname(f$statistic), df = unname(f$parameter), p = f$p.value, omega = omega_of(y, group),
       pairs = games_howell(y, group), h = unname(h$statistic), h_p = h$p.value)
}

# Below 5 or so degrees of freedom ptukey is off by 1e-5 (for two groups the t distribution says so).
range <- expand.grid(q = c(0.5, 2, 3.5, 6), k = c(2, 3, 5, 9), df = c(8, 31.7, 400))
d <- psych::describe(attitude, type = 2)
clusters <- svydesign(ids = ~feed, data = chickwts, weights = ~1)
m <- svymean(~weight, clusters)
strata <- svydesign(ids = ~1, strata = ~feed, data = chickwts, weights = ~1)
out <- list(
  version = paste(R.version.string, "psych", packageVersion("psych"), "survey", packageVersion("survey")),
  attitude = list(mean = d$mean, sd = d$sd, median = d$median, skew = d$skew, kurtosis = d$kurtosis,
                  icc = suppressMessages(psych::ICC(attitude, lmer = FALSE))$results$ICC[1]),
  mean = list(mean = coef(m)[[1]], se = SE(m)[[1]], df = degf(clusters),
              se_strata = SE(svymean(~weight, strata))[[1]], df_strata = degf(strata)),
  ToothGrowth = two(ToothGrowth$len, ToothGrowth$supp),
  chickwts = many(chickwts$weight, chickwts$feed),
  InsectSprays = many(InsectSprays$count, InsectSprays$spray),
  PlantGrowth = many(PlantGrowth$weight, PlantGrowth$group),
  range = list(q = range$q, k = range$k, df = range$df,
               p = with(range, mapply(function(q, k, df) ptukey(q, k, df, lower.tail = FALSE), q, k, df)))
)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE))
