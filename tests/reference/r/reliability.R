# Reference values of reliability: lambdas, split halves, omega by its kinds, intervals, the bootstrap.
# Run here: Rscript reliability.R   (R with psych, GPArotation, lavaan, semTools, boot, jsonlite)
# Writes ../values/reliability.json
suppressMessages({library(psych); library(GPArotation); library(lavaan); library(semTools); library(boot); library(jsonlite)})
options(digits = 15, warn = -1)
quiet <- function(x) suppressMessages(suppressWarnings(x))
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            lavaan = as.character(packageVersion("lavaan")),
                            semTools = as.character(packageVersion("semTools")), boot = as.character(packageVersion("boot"))))
A <- na.omit(psych::bfi[, 1:25])[, 1:5]; A$A1 <- 7 - A$A1

# Lambdas and split halves: seven items of attitude, and its first six (an even number) -----------------------------
lambdas <- function(x) { g <- quiet(guttman(x)); unlist(g[paste0("lambda.", 1:6)]) }
halves <- function(x) { s <- quiet(splitHalf(x, raw = TRUE)); list(max = s$maxrb, min = s$minrb, mean = mean(s$raw), all = sort(s$raw)) }
out$attitude <- list(lambdas = lambdas(attitude), halves = halves(attitude))
out$attitude6 <- list(lambdas = lambdas(attitude[, 1:6]), halves = halves(attitude[, 1:6]))
p <- psych::bfi[, 1:5]; p$A1 <- 7 - p$A1; p <- psych::alpha(p, warnings = FALSE)$total
out$pairwise_A <- c(p$raw_alpha, p$std.alpha, p$`G6(smc)`, p$average_r)
# Odd against even items by SPSS's formulas, from the halves' scores.
odd <- rowSums(attitude[, c(1, 3, 5, 7)]); even <- rowSums(attitude[, c(2, 4, 6)])
r <- cor(odd, even); v <- var(odd + even)
out$attitude$odd_even <- list(spearman_brown = 2 * r / (1 + r), flanagan = 1 - var(odd - even) / v)

# Omega hierarchical -----------------------------------------------------------------------------------------------
hierarchical <- function(R, n, k) {
  o <- quiet(omega(R, k, n.obs = n, plot = FALSE, flip = FALSE))
  g <- o$schmid$sl[, 1]; groups <- o$schmid$sl[, 1 + seq_len(k)]
  list(omega_h = o$omega_h, omega_tot = o$omega.tot, lim = o$omega.lim, ecv = o$ECV)
}
out$thurstone <- hierarchical(psych::Thurstone, 213, 3)
out$harman74 <- hierarchical(Harman74.cor$cov, 145, 3)
out$bfi_e_c <- { x <- na.omit(psych::bfi[, 1:25])[, c("C1","C2","C3","C4","C5","E1","E2","E3","E4","E5")]
  for (i in c("C4","C5","E1","E2")) x[[i]] <- 7 - x[[i]]; hierarchical(cor(x), nrow(x), 3) }

# Omega of one factor by maximum likelihood, H ----------------------------------------------------------------------
one <- function(x) {
  fit <- cfa(paste("f =~", paste(names(x), collapse = " + ")), x, std.lv = TRUE)
  lambda <- inspect(fit, "est")$lambda[, 1]; S <- fitted(fit)
  list(omega = unname(compRelSEM(fit, obs.var = TRUE)), omega_model = unname(compRelSEM(fit, obs.var = FALSE)),
       loadings = inspect(fit, "std")$lambda[, 1], h = unname(maximalRelia(fit))[1])
}
out$ml_A <- one(A); out$ml_attitude <- one(attitude)

# Omega of ordinal sums: Green and Yang; alpha and omega of polychoric correlations ---------------------------------
ordinal <- function(x, estimator) {
  fit <- cfa(paste("f =~", paste(names(x), collapse = " + ")), x, std.lv = TRUE, ordered = names(x), estimator = estimator)
  th <- lavInspect(fit, "th")
  list(green_yang = unname(compRelSEM(fit, ord.scale = TRUE)), latent = unname(compRelSEM(fit, ord.scale = FALSE)),
       alpha = unname(compRelSEM(fit, tau.eq = TRUE, ord.scale = FALSE)),
       alpha_sum = unname(compRelSEM(fit, tau.eq = TRUE, ord.scale = TRUE)),
       loadings = as.numeric(inspect(fit, "std")$lambda[, 1]), thresholds = as.numeric(th),
       corr = unclass(lavInspect(fit, "sampstat")$cov))
}
out$ordinal_A <- ordinal(A, "ULSMV")

# Intervals of alpha ----------------------------------------------------------------------------------------------
a <- psych::alpha(A, warnings = FALSE)
k <- 5; n <- nrow(A); S <- cov(A) * (n - 1) / n; t <- sum(S)
# Fourth moments: lavaan's Gamma and the covariances both with divisor N, delta method.
fit <- cfa(paste("f =~", paste(names(A), collapse = " + ")), A, estimator = "MLM")
gamma <- unclass(lavInspect(fit, "gamma")); keep <- grep("~~", rownames(gamma)); gamma <- gamma[keep, keep]
pairs <- strsplit(rownames(gamma), "~~")
slope <- sapply(pairs, function(p) if (p[1] == p[2]) -k / (k - 1) * (1 / t - sum(diag(S)) / t^2) else 2 * k / (k - 1) * sum(diag(S)) / t^2)
out$alpha_A <- list(alpha = a$total$raw_alpha, ase = a$total$ase, adf = sqrt(drop(t(slope) %*% gamma %*% slope) / n))

# Missing answers by maximum likelihood: alpha as a function of the saturated covariances, sandwich errors (MLR).
raw <- psych::bfi[, 1:5]; raw$A1 <- 7 - raw$A1
own <- paste0("A", 1:5, " ~~ v", 1:5, "*A", 1:5)
two <- combn(5, 2); both <- paste0("A", two[1, ], " ~~ c", two[1, ], two[2, ], "*A", two[2, ])
trace <- paste0("v", 1:5, collapse = "+"); rest <- paste0("c", two[1, ], two[2, ], collapse = "+")
alpha <- paste0("alpha := 1.25 * (1 - (", trace, ") / (", trace, " + 2*(", rest, ")))")
fit <- sem(paste(c(own, both, alpha), collapse = "\n"), raw, missing = "ml", estimator = "MLR", meanstructure = TRUE)
p <- parameterEstimates(fit); p <- p[p$op == ":=", ]
out$fiml_A <- list(alpha = p$est, se = p$se)

# The bootstrap: attitude, influence values by infinitesimal weights -------------------------------------------------
alpha_w <- function(d, w) { w <- as.numeric(w) / sum(w); m <- colSums(w * d); z <- sweep(as.matrix(d), 2, m)
  z <- z * sqrt(w); S <- t(z) %*% z; ncol(d) / (ncol(d) - 1) * (1 - sum(diag(S)) / sum(S)) }
set.seed(20251125)
b <- boot(attitude, alpha_w, R = 999, stype = "w")
L <- empinf(b, type = "inf")
ci <- boot.ci(b, type = c("perc", "bca"), L = L)
out$boot_attitude <- list(t0 = b$t0, t = as.numeric(b$t), L = as.numeric(L), percent = ci$percent[4:5], bca = ci$bca[4:5])
set.seed(1)
b <- boot(A, function(d, i) { S <- cov(d[i, ]); 1.25 * (1 - sum(diag(S)) / sum(S)) }, R = 20000)
out$boot_A <- list(se = sd(b$t), percent = boot.ci(b, type = "perc")$percent[4:5])
write_json(out, "../values/reliability.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
