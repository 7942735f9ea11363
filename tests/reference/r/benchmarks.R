# Shortfalls from other benchmarks than numbers: R survey's api samples, points of 100 between 0 and 1000.
# Rscript tests/reference/r/benchmarks.R > tests/reference/values/benchmarks.json, in the project's folder.
suppressMessages({library(survey); library(jsonlite)})
data(api)
points <- function(d) within(d, { now <- api00 / 10; before <- api99 / 10; third <- meals; own <- (now + before + third) / 3 })
strat <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = points(apistrat))
clus2 <- svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = points(apiclus2))
clus1 <- svydesign(ids = ~dnum, weights = ~pw, data = points(apiclus1))
one <- function(formula, design) {
  m <- svymean(formula, design)
  list(estimate = coef(m)[[1]], std_error = SE(m)[1], df = degf(design))
}
both <- function(a, b) {
  v <- a$std_error^2 + b$std_error^2
  list(estimate = b$estimate - a$estimate, std_error = sqrt(v),
       df = v^2 / (a$std_error^4 / a$df + b$std_error^4 / b$df))
}
cat(toJSON(list(
  expectation = list(strat = one(~I(before - now), strat), clus2 = one(~I(before - now), clus2)),
  own_mean = list(strat = one(~I(own - now), strat), clus2 = one(~I(own - now), clus2)),
  previous = both(one(~now, strat), one(~before, clus1)),
  reported = both(one(~now, strat), list(estimate = 70, std_error = 2, df = 15))
), digits = I(17), auto_unbox = TRUE), "\n")
