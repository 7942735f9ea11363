# Confidence sets for ranks by the step-down method of Mogstad, Romano, Shaikh and Wilhelm (2024, Review of Economic
# Studies 91, 476-518), written out in base R.  Run from the root of the repository.
library(jsonlite)
set.seed(7)

counts <- split(InsectSprays$count, InsectSprays$spray)
p <- length(counts)
estimate <- sapply(counts, mean)
squared <- sapply(counts, var) / lengths(counts)
std_error <- sqrt(outer(squared, squared, "+"))
diag(std_error) <- 0
draws <- t(replicate(400, sapply(counts, function(x) mean(sample(x, replace = TRUE)))))

# One matrix of standardised differences for each ordered pair (j, k): is j larger than k?
pairs <- subset(expand.grid(j = 1:p, k = 1:p), j != k)
statistic <- mapply(function(j, k) (estimate[j] - estimate[k]) / std_error[j, k], pairs$j, pairs$k)
moved <- mapply(function(j, k) {
  d <- draws[, j] - draws[, k]
  (d - (estimate[j] - estimate[k])) / sd(d)
}, pairs$j, pairs$k)

step_down <- function(family) {
  left <- family
  repeat {
    largest <- apply(moved[, left, drop = FALSE], 1, max)
    new <- left[sapply(left, function(i) mean(largest >= statistic[i]) <= 0.05)]
    left <- setdiff(left, new)
    if (length(new) == 0 || length(left) == 0) break
  }
  setdiff(family, left)
}
ends <- function(shown) {
  cbind(low = 1 + sapply(1:p, function(j) sum(pairs$k[shown] == j)),
        high = p - sapply(1:p, function(j) sum(pairs$j[shown] == j)))
}
together <- ends(step_down(seq_len(nrow(pairs))))
alone <- t(sapply(1:p, function(j) ends(step_down(which(pairs$j == j | pairs$k == j)))[j, ]))

write_json(list(
  version = R.version.string, estimate = unname(estimate), std_error = unname(std_error), draws = unname(draws),
  low = together[, "low"], high = together[, "high"], low_alone = alone[, "low"], high_alone = alone[, "high"]
), "tests/reference/values/rank_sets.json", digits = NA, auto_unbox = TRUE)
