# Reference values of rotations, Schmid-Leiman and standard errors of factors, on data that come with R.
# Run here: Rscript factors.R   (R with psych, GPArotation, lavaan, jsonlite); writes ../values/factors.json
suppressMessages({library(psych); library(GPArotation); library(lavaan); library(jsonlite)})
options(digits = 15, warn = -1)
plain <- function(x) { x <- unclass(x); matrix(as.numeric(x), nrow(x), ncol(x)) }
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            GPArotation = as.character(packageVersion("GPArotation")),
                            lavaan = as.character(packageVersion("lavaan"))))
sets <- list(thurstone = list(R = psych::Thurstone, n = 213, k = 3), harman74 = list(R = Harman74.cor$cov, n = 145, k = 4))
tight <- function(R, n, k) plain(fa(R, k, n.obs = n, fm = "pa", rotate = "none", max.iter = 20000, min.err = 1e-13)$loadings)

# Schmid-Leiman ---------------------------------------------------------------------------------------------------
for (name in names(sets)) {
  s <- sets[[name]]
  m <- schmid(s$R, nfactors = s$k, fm = "minres", rotate = "oblimin", n.obs = s$n)
  o <- omega(s$R, nfactors = s$k, fm = "minres", rotate = "oblimin", n.obs = s$n, plot = FALSE)
  out[[name]]$schmid <- list(pattern = plain(m$oblique), phi = plain(m$phi), gloading = as.numeric(m$gloading),
                             general = as.numeric(m$sl[, 1]), group = plain(m$sl[, 1 + seq_len(s$k)]),
                             omega_h = o$omega_h, omega_t = o$omega.tot)
}
two <- schmid(psych::Thurstone[1:6, 1:6], nfactors = 2, fm = "minres", rotate = "oblimin", n.obs = 213)
out$two$schmid <- list(pattern = plain(two$oblique), phi = plain(two$phi), gloading = as.numeric(two$gloading),
                       general = as.numeric(two$sl[, 1]), group = plain(two$sl[, 2:3]))
write_json(out, "../values/factors.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
