# Reference values of pooling: Rubin's rules by mice and mitools, the joint F test D1 by mitml, on airquality (base R)
# completed m times by draws from its observed values.  The completed cells are written too: both sides pool the same.
# Run here: Rscript imputation.R  (R with mice, mitools, mitml, jsonlite); writes ../values/imputation.json
suppressMessages({library(mice); library(mitools); library(mitml); library(jsonlite)})
options(digits = 17, warn = -1)
set.seed(20)
m <- 7
gaps <- sapply(airquality[1:2], function(x) which(is.na(x)))
draws <- lapply(seq_len(m), function(i) lapply(names(gaps), function(v)
  sample(na.omit(airquality[[v]]), length(gaps[[v]]), replace = TRUE)))
sets <- lapply(draws, function(d) { a <- airquality; for (j in 1:2) a[[j]][gaps[[j]]] <- d[[j]]; a })
fits <- lapply(sets, function(a) lm(Temp ~ Ozone + Solar.R + Wind, a))
coefs <- t(sapply(fits, coef)); vars <- t(sapply(fits, function(f) diag(vcov(f))))
dfcom <- df.residual(fits[[1]])
scalar <- function(n) lapply(seq_len(ncol(coefs)), function(j)
  unlist(pool.scalar(coefs[, j], vars[, j], n = n, k = ncol(coefs))[c("qbar", "ubar", "b", "t", "df", "r", "fmi")]))
small <- do.call(rbind, scalar(nrow(airquality))); large <- do.call(rbind, scalar(Inf))
both <- MIcombine(as.list(as.data.frame(t(coefs))), lapply(fits, vcov))
empty <- lapply(sets, function(a) lm(Temp ~ 1, a))
d1 <- function(df) testModels(as.mitml.result(fits), as.mitml.result(empty), method = "D1", df.com = df)$test
cells <- lapply(1:2, function(j) t(sapply(draws, function(d) d[[j]])))
out <- list(versions = lapply(c(mice = "mice", mitools = "mitools", mitml = "mitml"), function(p) as.character(packageVersion(p))),
            ozone = cells[[1]], solar = cells[[2]], coefficients = coefs, variances = vars,
            covariances = lapply(fits, function(f) unname(vcov(f))), df_complete = dfcom,
            small = as.data.frame(small), large = as.data.frame(large),
            mitools = list(estimate = unname(coef(both)), variance = unname(diag(vcov(both))), df = unname(both$df)),
            d1_small = as.numeric(d1(dfcom)), d1_large = as.numeric(d1(NULL)))
here <- normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
write_json(out, file.path(here, "../values/imputation.json"), digits = NA, auto_unbox = TRUE)
