# Reference values for sg.errors_in_variables: run `Rscript tests/reference/r/errors_in_variables.R` in the project's
# folder.  Formula of Fuller and Hidiroglou (1978) in base R; data: datasets::attitude.
suppressMessages(library(jsonlite))
d <- attitude
A <- c("complaints", "learning", "raises")
alpha <- function(x) { C <- cov(x); k <- ncol(x); k / (k - 1) * (1 - sum(diag(C)) / sum(C)) }
fit <- function(d, r = c(alpha(d[, A]), .8)) {
  X <- cbind(A = rowMeans(d[, A]), critical = d$critical)
  S <- cov(X)
  S <- S - diag((1 - r) * diag(S))
  b <- solve(S, cov(X, d$rating))
  c(mean(d$rating) - colMeans(X) %*% b, b)
}
n <- nrow(d)
left_out <- t(sapply(seq_len(n), function(i) fit(d[-i, ])))
whole <- fit(d)
se <- sqrt((n - 1) / n * colSums(sweep(left_out, 2, whole)^2))
write_json(list(alpha = alpha(d[, A]), estimate = whole, std_error = se,
                versions = list(R = R.version.string)),
           "tests/reference/values/errors_in_variables.json", digits = NA, pretty = TRUE, auto_unbox = TRUE)
