# Reference values for sg.ordinal_dominance: run `Rscript tests/reference/r/ordinal_dominance.R` in the project's folder.
# General dominance by brute force: ordinal::clm of every subset, McFadden's R2, mean additions over all orders (Budescu
# 1993).  Data: carData::Chile (5 predictors) and MASS::housing (categories).
suppressMessages({library(ordinal); library(carData); library(MASS); library(jsonlite)})

shapley <- function(r2, k) {
  subsets <- 0:(2^k - 1); size <- sapply(subsets, function(s) sum(bitwAnd(s, 2^(0:(k - 1))) > 0))
  sapply(1:k, function(j) {
    without <- subsets[bitwAnd(subsets, 2^(j - 1)) == 0]
    s <- size[without + 1]
    sum(factorial(s) * factorial(k - s - 1) / factorial(k) * (r2[without + 2^(j - 1) + 1] - r2[without + 1]))
  })
}
all_subsets <- function(outcome, terms, data, always = NULL) {
  sapply(0:(2^length(terms) - 1), function(s) {
    own <- c(always, terms[bitwAnd(s, 2^(seq_along(terms) - 1)) > 0])
    as.numeric(logLik(clm(reformulate(if (length(own)) own else "1", outcome), data = data,
                          control = list(gradTol = 1e-10))))
  })
}
chile <- na.omit(Chile)
chile$opinion <- factor(cut(chile$statusquo, quantile(chile$statusquo, 0:5 / 5), labels = FALSE, include.lowest = TRUE))
terms <- c("age", "income", "population", "education", "sex")
ll <- all_subsets("opinion", terms, chile)
r2 <- 1 - ll / ll[1]
ll_c <- all_subsets("opinion", terms[1:4], chile, always = "region")
r2_c <- 1 - ll_c / ll_c[1]
people <- housing[rep(seq_len(nrow(housing)), housing$Freq), ]
ll_h <- all_subsets("Sat", c("Infl", "Type", "Cont"), people)
out <- list(
  chile = list(log_likelihood = ll, importance = shapley(r2, 5), controlled = shapley(r2_c, 4)XX
  housing = list(importance = shapley(1 - ll_h / ll_h[1], 3)),
  versions = list(ordinal = as.character(packageVersion("ordinal"))))
write_json(out, "tests/reference/values/ordinal_dominance.json", digits = NA, auto_unbox = TRUE)
