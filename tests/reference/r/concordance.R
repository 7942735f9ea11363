# Agreement of rankings and the size of a trial over places.  Base R 4.2.2 (stats), data of its own (datasets).
# Rscript concordance.R > ../values/concordance.json
ratings <- as.matrix(attitude[1:9, ])            # 9 departments as judges of 7 aspects, with ties
ranks <- t(apply(-ratings, 1, rank))
test <- friedman.test(ratings)
m <- nrow(ranks); k <- ncol(ranks)
w <- unname(test$statistic) / (m * (k - 1))
rho <- cor(t(ratings), method = "spearman")
f <- (m - 1) * w / (1 - w); df1 <- k - 1 - 2 / m
# Every order of two of three judges, one by one: the first may stay as it is.
three <- t(apply(-ratings[1:3, 1:4], 1, rank))
orders <- as.matrix(expand.grid(rep(list(1:4), 4))); orders <- orders[apply(orders, 1, function(o) length(unique(o)) == 4), ]
s <- function(x) sum((x - mean(x))^2)
all <- unlist(lapply(1:24, function(a) sapply(1:24, function(b)
    s(three[1, ] + three[2, orders[a, ]] + three[3, orders[b, ]]))))
exact <- mean(all >= s(colSums(three)) - 1e-9)
# Whole places in two arms: a t test of place means, whose standard deviation is sd * sqrt(deff / size).
sd <- 18; icc <- 0.06; size <- 22; cv <- 0.35
deff <- 1 + ((1 + cv^2) * size - 1) * icc
of <- function(n) power.t.test(n = n, delta = 6, sd = sd * sqrt(deff / size), strict = TRUE)$power
needed <- power.t.test(power = 0.8, delta = 6, sd = sd * sqrt(deff / size), strict = TRUE, tol = 1e-12)$n
least <- power.t.test(n = 15, power = 0.8, sd = sd * sqrt(deff / size), delta = NULL, strict = TRUE, tol = 1e-12)$delta
cat(jsonlite::toJSON(list(ratings = ratings, three = ratings[1:3, 1:4], w = w, chi_square = unname(test$statistic),
    p_value = test$p.value, mean_spearman = mean(rho[upper.tri(rho)]), rho = rho, f = f,
    f_p_value = pf(f, df1, (m - 1) * df1, lower.tail = FALSE), exact = exact, deff = deff,
    power = sapply(c(4, 9, 20), of), needed = needed, detectable = least), digits = I(17), auto_unbox = TRUE), "\n")
