# Gaps between two groups: paired over places, apart, exact.  Base R 4.2.2 (stats), data of its own (datasets).
# Rscript gaps.R > ../values/gaps.json
one <- function(t) list(estimate = unname(if (length(t$estimate) == 2) t$estimate[1] - t$estimate[2] else t$estimate),
                        std_error = t$stderr, df = unname(t$parameter), p_value = t$p.value,
                        conf_low = t$conf.int[1], conf_high = t$conf.int[2])
first <- sleep$extra[sleep$group == 1]; second <- sleep$extra[sleep$group == 2]
paired <- one(t.test(first, second, paired = TRUE))
long <- iris$Sepal.Length[iris$Species == "virginica"]; short <- iris$Sepal.Length[iris$Species == "versicolor"]
welch <- one(t.test(long, short))
a <- c(1.1, 2.5, 3.7, 4.0, 9.9, 6.2); b <- c(2.2, 5.1, 7.3, 8.8, 8.1, 10.4, 11.0, 12.5)
exact <- wilcox.test(a, b, exact = TRUE)$p.value
# All ways to deal tied values to two groups, one by one.
x <- c(1, 2, 2, 5, 4); y <- c(2, 3, 3, 4, 5, 5, 5)
ranks <- rank(c(x, y)); sums <- combn(length(ranks), length(x), function(at) sum(ranks[at]))
centre <- length(x) * (length(ranks) + 1) / 2
tied <- mean(abs(sums - centre) >= abs(sum(ranks[seq_along(x)]) - centre) - 1e-9)
signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), 10))); d <- first - second
flip <- mean(abs(signs %*% d) >= abs(sum(d)) - 1e-9)
cat(jsonlite::toJSON(list(paired = paired, welch = welch, exact = exact, tied = tied, flip = flip,
    first = first, second = second, long = long, short = short),
    digits = I(17), auto_unbox = TRUE), "\n")
