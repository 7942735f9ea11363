# Average marginal effects of an ordered and a binary model with delta-method errors, and likelihood ratios of parallel
# lines.  Rscript categories_effects.R > ../values/categories_effects.json      (R 4.2.2, ordinal, MASS, jsonlite)
# Effects are numeric derivatives of mean predicted probabilities; no package's margins are used.
suppressMessages({library(ordinal); library(MASS); library(jsonlite)})
jac <- function(f, x) sapply(seq_along(x), function(j) {
  h <- 1e-5 * max(1, abs(x[j])); e <- replace(0 * x, j, h)
  (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
})
ame <- function(theta, V, X, K, shift) {
  above <- function(th, X) sapply(seq_len(K - 1), function(k) mean(plogis(X %*% th[-seq_len(K - 1)] - th[k])))
  per <- function(a) c(1, a) - c(a, 0)
  effect <- function(th) shift(function(X) per(above(th, X)))
  G <- jac(effect, theta)
  list(estimate = effect(theta), se = sqrt(diag(G %*% V %*% t(G))))
}
slope <- function(X, j) function(p) {
  h <- 1e-4
  up <- function(s) { Z <- X; Z[, j] <- Z[, j] + s * h; p(Z) }
  (8 * (up(1) - up(-1)) - (up(2) - up(-2))) / (12 * h)
}
step <- function(X, own, j) function(p) {
  A <- X; A[, own] <- 0; B <- A; B[, j] <- 1
  p(B) - p(A)
}
wine <- ordinal::wine
fit <- clm(rating ~ temp + contact + as.numeric(judge), data = wine, control = clm.control(gradTol = 1e-12))
X <- cbind(as.numeric(wine$temp == "warm"), as.numeric(wine$contact == "yes"), as.numeric(wine$judge))
th <- c(fit$alpha, fit$beta); V <- vcov(fit)
out <- list(versions = list(R = R.version.string, ordinal = as.character(packageVersion("ordinal"))),
  wine = list(temp = ame(th, V, X, 5, step(X, 1, 1)), judge = ame(th, V, X, 5, slope(X, 3))))
house <- clm(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, control = clm.control(gradTol = 1e-12))
tests <- nominal_test(clm(Sat ~ Infl + Type + Cont, weights = Freq, data = housing))
out$housing <- list(lr = tests[c("Infl", "Type", "Cont"), "LRT"], p = tests[c("Infl", "Type", "Cont"), "Pr(>Chi)"],
  loglik = as.numeric(logLik(house)))
birth <- glm(low ~ age + factor(race) + smoke, binomial, MASS::birthwt, control = list(epsilon = 1e-14))
b <- coef(birth); M <- model.matrix(birth)
p <- function(th, M) mean(plogis(M %*% th))
one <- function(f) { G <- matrix(jac(f, b), 1); list(estimate = f(b), se = sqrt(c(G %*% vcov(birth) %*% t(G)))) }
out$birthwt <- list(
  age = one(function(th) { h <- 1e-3; s <- function(k) { Z <- M; Z[, 2] <- Z[, 2] + k * h; p(th, Z) }
    (8 * (s(1) - s(-1)) - (s(2) - s(-2))) / (12 * h) }),
  race2 = one(function(th) { A <- M; A[, 3:4] <- 0; B <- A; B[, 3] <- 1; p(th, B) - p(th, A) }))
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
