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

# Rotations: the best of the identity and 30 random starts -----------------------------------------------------------
best <- function(f, k) {
  set.seed(5)
  starts <- c(list(diag(k)), lapply(1:15, function(i) Random.Start(k)))
  ends <- lapply(starts, function(T) tryCatch(f(T, 1e-4, 500), error = function(e) NULL))
  ends <- ends[!sapply(ends, is.null)]
  value <- sapply(ends, function(e) tail(e$Table[, 2], 1))
  e <- f(ends[[which.min(value)]]$Th, 1e-9, 3000)
  list(loadings = plain(e$loadings), phi = if (is.null(e$Phi)) diag(k) else plain(e$Phi), value = tail(e$Table[, 2], 1))
}
groups <- list(thurstone = list(1:3, 4:6, 7:9), harman74 = list(1:4, 5:9, 10:13, 14:19))
for (name in names(sets)) {
  s <- sets[[name]]; L <- tight(s$R, s$n, s$k); p <- nrow(L); k <- s$k
  W <- matrix(1, p, k); for (g in seq_len(k)) W[groups[[name]][[g]], g] <- 0
  if (name == "harman74") W[20:24, ] <- 0
  Target <- matrix(0, p, k)
  whole <- 0.7 * (1 - W); whole[rowSums(1 - W) != 1, ] <- 0.3
  go <- function(f, ...) best(function(T, eps, maxit) f(L, Tmat = T, eps = eps, maxit = maxit, ...), k)
  out[[name]]$unrotated <- L
  out[[name]]$rotations <- list(
    quartimax = go(quartimax), equamax = go(cfT, kappa = k / (2 * p)), parsimax = go(cfT, kappa = (k - 1) / (p + k - 2)),
    crawford_ferguson = go(cfQ, kappa = 0.1), oblimin_less = go(oblimin, gam = -0.5), quartimin = go(quartimin),
    geomin = go(geominQ, delta = 0.01), geomin_orthogonal = go(geominT, delta = 0.01),
    target = go(pstQ, W = W, Target = Target), target_orthogonal = go(pstT, W = W, Target = Target),
    target_whole = go(targetQ, Target = whole),
    bentler = go(bentlerQ), bentler_orthogonal = go(bentlerT),
    bifactor = go(bifactorT), bifactor_oblique = go(bifactorQ))
  stats_promax <- stats::promax(varimax(L, eps = 1e-15)$loadings, m = 4)
  phi_of <- function(U) { P <- solve(t(U) %*% U); P }
  psych_promax <- psych::kaiser(L, rotate = "Promax", m = 4)
  out[[name]]$promax <- list(stats = list(loadings = plain(stats_promax$loadings), phi = phi_of(stats_promax$rotmat)),
                             psych = list(loadings = plain(psych_promax$loadings), phi = plain(psych_promax$Phi)))
  # The formula of IBM's SPSS algorithms: P = |a / h|^(m + 1) h / a, fitted by the varimax loadings a themselves.
  a <- plain(varimax(L, eps = 1e-15)$loadings); h <- sqrt(rowSums(a^2)); P <- abs(a / h)^5 * h / a
  U <- solve(t(a) %*% a) %*% t(a) %*% P; Q <- U %*% diag(1 / sqrt(diag(t(U) %*% U)))
  C <- sqrt(diag(solve(t(Q) %*% Q)))
  out[[name]]$promax$spss <- list(loadings = a %*% Q %*% diag(C), phi = diag(1 / C) %*% solve(t(Q) %*% Q) %*% diag(1 / C))
  f <- fa(s$R, k, n.obs = s$n, fm = "minres", rotate = "oblimin")
  out[[name]]$fa <- list(crms = f$crms, anderson = plain(factor.scores(s$R, f, method = "Anderson")$weights),
                         pattern = plain(f$loadings), phi = plain(f$Phi))
  pc <- principal(s$R, k, rotate = "varimax", n.obs = s$n)
  out[[name]]$principal <- list(unrotated = plain(principal(s$R, k, rotate = "none", n.obs = s$n)$loadings),
                                varimax = plain(pc$loadings), weights = plain(pc$weights), rms = pc$rms)
}
out$smooth <- list(matrix = matrix(c(1, .9, -.9, .9, 1, .9, -.9, .9, 1), 3),
                   smoothed = plain(cor.smooth(matrix(c(1, .9, -.9, .9, 1, .9, -.9, .9, 1), 3))))

# Standard errors of rotated loadings: lavaan's efa, standardised solution, Holzinger and Swineford's 301 pupils ------
hs <- as.data.frame(HolzingerSwineford1939[, paste0("x", 1:9)])
errors_of <- function(rotation, estimator, ...) {
  f <- efa(hs, nfactors = 3, rotation = rotation, estimator = estimator, bounds = "none", output = "lavaan",
           rotation.args = list(rstarts = 30, tol = 1e-10, ...), control = list(rel.tol = 1e-10))
  s <- standardizedSolution(f)
  load <- s[s$op == "=~", ]; phi <- s[s$op == "~~" & s$lhs %in% paste0("f", 1:3) & s$lhs != s$rhs, ]
  list(loadings = matrix(load$est.std, 9), std_error = matrix(load$se, 9),
       phi = phi$est.std, phi_error = if (all(is.na(phi$se))) rep(0, 3) else phi$se, pairs = as.matrix(phi[, c("lhs", "rhs")]))
}
out$errors <- list(
  geomin = errors_of("geomin", "ML", geomin.epsilon = 0.01), oblimin = errors_of("oblimin", "ML"),
  varimax = errors_of("varimax", "ML", row.weights = "kaiser"), varimax_plain = errors_of("varimax", "ML", row.weights = "none"),
  quartimin = errors_of("quartimin", "ML"), bifactor = errors_of("bi-quartimin", "ML", orthogonal = TRUE),
  crawford_ferguson = errors_of("cf", "ML", cf.gamma = 0.2), none = errors_of("none", "ML"),
  geomin_robust = errors_of("geomin", "MLM", geomin.epsilon = 0.01), oblimin_robust = errors_of("oblimin", "MLM"),
  oblimin_uls = errors_of("oblimin", "ULSMV"))
write_json(out, "../values/factors.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
