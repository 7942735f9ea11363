# Reference values of reliability, adequacy, retention, factors and correlations on data that come with R.
# Run here: Rscript measurement.R   (R with psych, GPArotation, jsonlite); writes ../values/measurement.json
suppressMessages({library(psych); library(GPArotation); library(jsonlite)})
options(digits = 15, warn = -1)
plain <- function(x) unclass(x)[, , drop = FALSE]
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            GPArotation = as.character(packageVersion("GPArotation"))))

# attitude: 30 departments, 7 questions --------------------------------------------------------------------------
a <- psych::alpha(attitude, warnings = FALSE)
o <- suppressMessages(omega(attitude, 1, plot = FALSE))
k <- KMO(cor(attitude)); b <- cortest.bartlett(cor(attitude), n = nrow(attitude))
ct <- cor.test(attitude$rating, attitude$critical)
sp <- cor.test(attitude$rating, attitude$critical, method = "spearman", exact = FALSE)
g <- suppressMessages(splitHalf(attitude))
out$attitude <- list(
  raw_alpha = a$total$raw_alpha, std_alpha = a$total$std.alpha, g6 = a$total$`G6(smc)`, mean_r = a$total$average_r,
  feldt = c(a$feldt$lower.ci[[1]], a$feldt$upper.ci[[1]]), lambda2 = g$lambda2,
  drop = a$alpha.drop$raw_alpha, citc = a$item.stats$r.drop, mean = a$item.stats$mean, sd = a$item.stats$sd,
  omega = o$omega.tot, kmo = k$MSA, msa = as.numeric(k$MSAi), bartlett = b[c("chisq", "df", "p.value")],
  map = vss(attitude, 4, plot = FALSE, rotate = "none")$map,
  pearson = list(r = unname(ct$estimate), p = ct$p.value, low = ct$conf.int[1], high = ct$conf.int[2]),
  spearman = list(r = unname(sp$estimate)),
  cor = cor(attitude), spearman_matrix = cor(attitude, method = "spearman"))

# Factors of correlation matrices ---------------------------------------------------------------------------------
# psych's minres and R's factanal stop early; the principal-axis fixed point is the same optimum and can be tightened.
factors <- function(R, n, k) {
  tight <- fa(R, k, n.obs = n, fm = "pa", rotate = "none", max.iter = 20000, min.err = 1e-13)
  loose <- fa(R, k, n.obs = n, fm = "minres", rotate = "none")
  ml <- factanal(covmat = R, n.obs = n, factors = k, rotation = "none",
                 control = list(opt = list(factr = 10, maxit = 10000), nstart = 1))
  L <- plain(tight$loadings)
  vm <- varimax(L, eps = 1e-15)
  h <- sqrt(rowSums(L^2)); N <- L / h
  obn <- oblimin(L, normalize = TRUE, eps = 1e-9, maxit = 50000)
  obp <- oblimin(L, eps = 1e-9, maxit = 50000)
  pk <- psych::Promax(plain(varimax(N, normalize = FALSE, eps = 1e-15)$loadings), m = 4, normalize = FALSE)
  # psych::Promax begins with a varimax of its own; of an optimum that is the optimum.
  Phi <- obn$Phi; P <- plain(obn$loadings); S <- P %*% Phi
  list(loadings = L, uniqueness = as.numeric(1 - rowSums(L^2)),
       minres = list(loadings = plain(loose$loadings), chi = loose$STATISTIC, df = loose$dof, tli = loose$TLI,
                     rmsea = as.numeric(loose$RMSEA), bic = loose$BIC, rmsr = loose$rms),
       ml = list(loadings = plain(ml$loadings), chi = unname(ml$STATISTIC), df = ml$dof, p = unname(ml$PVAL)),
       varimax = plain(vm$loadings), promax_plain = plain(stats::promax(vm$loadings, m = 4)$loadings),
       promax_normalised = plain(pk$loadings) * h, promax_normalised_phi = pk$Phi,
       oblimin_kaiser = list(loadings = P, phi = Phi), oblimin = list(loadings = plain(obp$loadings), phi = obp$Phi),
       weights = list(regression = solve(R) %*% S,
                      bartlett = factor.scores(R, P, Phi, method = "Bartlett")$weights,
                      tenberge = factor.scores(R, P, Phi, method = "tenBerge")$weights))
}
adequacy <- function(R, n) {
  k <- KMO(R); b <- cortest.bartlett(R, n = n)
  list(kmo = k$MSA, msa = as.numeric(k$MSAi), chi = b$chisq, df = b$df, p = b$p.value)
}
H <- Harman74.cor$cov; Th <- psych::Thurstone; Ab <- cov2cor(ability.cov$cov)
out$harman74 <- c(factors(H, 145, 4), adequacy(H, 145), list(map = vss(H, 8, n.obs = 145, plot = FALSE, rotate = "none")$map))
out$thurstone <- c(factors(Th, 213, 3), adequacy(Th, 213),
                   list(std_alpha = psych::alpha(Th)$total$std.alpha, g6 = psych::alpha(Th)$total$`G6(smc)`))
for (k in 1:2) {
  f <- factanal(covmat = Ab, n.obs = 112, factors = k, rotation = "none",
                control = list(opt = list(factr = 10, maxit = 10000)))
  out$ability[[paste0("ml", k)]] <- list(chi = unname(f$STATISTIC), df = f$dof, p = unname(f$PVAL),
                                         uniqueness = as.numeric(f$uniquenesses))
}
write_json(out, "../values/measurement.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
