# Reference values of the greatest lower bound, of the error of ordinal alpha, and of the bootstrap of other coefficients.
# Run here: Rscript reliability_intervals.R   (R with psych, Rcsdp, GPArotation, pbivnorm, boot, jsonlite)
# Writes ../values/reliability_intervals.json
suppressMessages({library(psych); library(Rcsdp); library(GPArotation); library(pbivnorm); library(boot); library(jsonlite)})
options(digits = 15, warn = -1)
quiet <- function(x) suppressMessages(suppressWarnings(x))
out <- list(versions = sapply(c("psych", "Rcsdp", "pbivnorm", "boot"), function(p) as.character(packageVersion(p))))
bfi <- na.omit(psych::bfi[, 1:25])
for (i in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) bfi[[i]] <- 7 - bfi[[i]]
A <- bfi[, 1:5]; CE <- bfi[, c(paste0("C", 1:5), paste0("E", 1:5))]

# Greatest lower bound by CSDP -------------------------------------------------------------------------------------
glb <- function(R) { g <- quiet(glb.algebraic(R)); list(glb = g$glb, solution = as.numeric(g$solution)) }
out$glb <- list(attitude = glb(cor(attitude)), harman74 = glb(Harman74.cor$cov), thurstone = glb(psych::Thurstone),
                bfi_A = glb(cor(A)), bfi_CE = glb(cor(CE)))

# Ordinal alpha: the jackknife of rows.  Complete rows, so each pair's margins are its table's, and leaving out a row is
# one of at most 36 tables per pair.
corner <- function(cut, other, rho) {
  g <- expand.grid(cut, other); P <- pbivnorm(g[[1]], g[[2]], rho)
  matrix(P, length(cut))
}
two_step <- function(table) {
  n <- sum(table)
  h <- c(-12, qnorm(head(cumsum(rowSums(table)) / n, -1)), 12); k <- c(-12, qnorm(head(cumsum(colSums(table)) / n, -1)), 12)
  loss <- function(rho) { P <- corner(h, k, rho); p <- diff(t(diff(P))); p <- t(p); -sum(table[table > 0] * log(p[table > 0])) }
  optimize(loss, c(-0.9, 0.9), tol = 1e-10)$minimum
}
pairs <- combn(5, 2); n <- nrow(A); r0 <- numeric(10); leave <- matrix(0, n, 10)
for (q in 1:10) {
  x <- A[[pairs[1, q]]]; y <- A[[pairs[2, q]]]; t0 <- unclass(table(factor(x, 1:6), factor(y, 1:6)))
  r0[q] <- two_step(t0)
  without <- matrix(NA, 6, 6)
  for (a in 1:6) for (b in 1:6) if (t0[a, b] > 0) { t1 <- t0; t1[a, b] <- t1[a, b] - 1; without[a, b] <- two_step(t1) }
  leave[, q] <- without[cbind(x, y)]
}
alpha_std <- function(r) 1.25 * (1 - 5 / (5 + 2 * sum(r)))
jack <- apply(leave, 1, alpha_std)
out$ordinal_A <- list(alpha = alpha_std(r0), jackknife = sqrt((n - 1) / n * sum((jack - mean(jack))^2)),
                      corr = r0, corr_jackknife = sqrt((n - 1) / n * colSums(sweep(leave, 2, colMeans(leave))^2)))

# The bootstrap of rows: lambda 2, lambda 6, the greatest lower bound is left out (biased where it is drawn), omega h ------
lambda2 <- function(R) { k <- nrow(R); off <- sum(R^2) - k; 1 - k / sum(R) + sqrt(k / (k - 1) * off) / sum(R) }
lambda6 <- function(R) 1 - sum(1 / diag(solve(R))) / sum(R)
set.seed(11)
b <- boot(attitude, function(d, i) { R <- cor(d[i, ]); c(lambda2(R), lambda6(R)) }, R = 20000)
ends <- function(b, i) list(se = sd(b$t[, i]), percent = boot.ci(b, type = "perc", index = i)$percent[4:5],
                            bca = boot.ci(b, type = "bca", index = i)$bca[4:5])
out$boot_attitude <- list(lambda2 = ends(b, 1), lambda6 = ends(b, 2))
set.seed(12)
h <- quiet(replicate(1000, omega(cor(CE[sample(nrow(CE), replace = TRUE), ]), 3, n.obs = nrow(CE), plot = FALSE, flip = FALSE)$omega_h))
out$omega_h_CE <- list(estimate = quiet(omega(cor(CE), 3, n.obs = nrow(CE), plot = FALSE, flip = FALSE)$omega_h),
                       se = sd(h), percent = as.numeric(quantile(h, c(.025, .975))))
write_json(out, "../values/reliability_intervals.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
