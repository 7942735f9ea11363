# Sample sizes and joint inclusion probabilities.  Writes tests/reference/values/sampling.json
# Run with: Rscript tests/reference/r/sampling.R  (R 4.2, sampling, pwr, jsonlite)
suppressMessages({library(sampling); library(pwr); library(jsonlite)})
p <- c(.2, .7, .4, .5, .9, .3)
size <- c(1, 2, 3, 4, 5, 40, 60)
out <- list(
  t_test = lapply(list(c(.5, 1, .8, .05), c(.3, 1, .9, .05), c(8, 20, .8, .01)), function(a)
    list(delta = a[1], sd = a[2], power = a[3], level = a[4],
         n = power.t.test(delta = a[1], sd = a[2], power = a[3], sig.level = a[4], strict = TRUE, tol = 1e-12)$n)),
  shares = lapply(list(c(.5, .75, .9), c(.1, .15, .8)), function(a)
    list(p1 = a[1], p2 = a[2], power = a[3],
         n = power.prop.test(p1 = a[1], p2 = a[2], power = a[3], strict = TRUE, tol = 1e-12)$n)),
  f2 = lapply(list(c(.05, 4), c(.02, 8)), function(a)
    list(partial_r2 = a[1], predictors = a[2], n = pwr.f2.test(u = 1, f2 = a[1] / (1 - a[1]), power = .8)$v + a[2] + 1)),
  p = p, sampford = UPsampfordpi2(p), systematic = UPsystematicpi2(p),
  size = size, proportional = inclusionprobabilities(size, 4))
write_json(out, "tests/reference/values/sampling.json", digits = NA, auto_unbox = TRUE)
