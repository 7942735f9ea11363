# Reference values for sg.oaxaca: run `Rscript tests/reference/r/oaxaca.R` in the project's folder.
# Formulas of Jann (2008) in base R; errors from the numeric derivative of each part by each row's weight.
# Data: carData::SLID, every twelfth complete row.
suppressMessages(library(jsonlite))
data(SLID, package = "carData")
d <- na.omit(SLID)
d <- d[seq(1, nrow(d), 12), ]
d$lw <- log(d$wages)
X <- model.matrix(~ education + age + language, d)
first <- d$sex == "Female"
slopes <- function(X, y, w) lm.wfit(X, y, w)$coefficients
parts <- function(w, rule) {
  b1 <- slopes(X[first, ], d$lw[first], w[first]); b2 <- slopes(X[!first, ], d$lw[!first], w[!first])
  m1 <- colSums(w[first] * X[first, ]) / sum(w[first]); m2 <- colSums(w[!first] * X[!first, ]) / sum(w[!first])
  s <- sum(w[first]) / sum(w)
  b <- switch(rule, pooled = slopes(cbind(X, first), d$lw, w)[seq_len(ncol(X))], neumark = slopes(X, d$lw, w),
              cotton = s * b1 + (1 - s) * b2, reimers = (b1 + b2) / 2, first = b1, second = b2)
  detail <- cbind(explained = (m1 - m2) * b, unexplained = m1 * (b1 - b) + m2 * (b - b2), endowments = (m1 - m2) * b2,
                  coefficients = m2 * (b1 - b2), interaction = (m1 - m2) * (b1 - b2))
  c(gap = weighted.mean(d$lw[first], w[first]) - weighted.mean(d$lw[!first], w[!first]), colSums(detail), c(detail[1:3, 1:2]))
}
rules <- c("pooled", "neumark", "cotton", "reimers", "first", "second")
n <- nrow(d)
errors <- function(rule, cluster = seq_len(n)) {
  u <- sapply(seq_len(n), function(i) { up <- down <- rep(1, n); up[i] <- 1.001; down[i] <- .999
    (parts(up, rule) - parts(down, rule)) / .002 })
  z <- rowsum(t(u), cluster)
  g <- nrow(z)
  unname(sqrt(g / (g - 1) * colSums(scale(z, scale = FALSE)^2)))
}
ones <- rep(1, n)
out <- list(names = names(parts(ones, "pooled")),
            estimate = lapply(setNames(rules, rules), function(r) unname(parts(ones, r))),
            std_error = lapply(setNames(rules, rules), errors),
            clustered = errors("pooled", d$age %% 25),
            weighted = unname(parts(1 + (seq_len(n) %% 3), "pooled")), versions = list(R = R.version.string))
write_json(out, "tests/reference/values/oaxaca.json", digits = NA, pretty = TRUE, auto_unbox = TRUE)
