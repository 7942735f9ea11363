# The battery of sg.drivers under weights: run `Rscript tests/reference/r/drivers_weighted.R` in the project's folder.
# Data: MASS::nlschools, the first 24 classes of 12 pupils or more; answers from 1 to 5 cut from its numbers, roles and weights by row number.
suppressMessages({library(survey); library(clubSandwich); library(MASS); library(jsonlite)})
pupils <- table(factor(nlschools$class, levels = unique(nlschools$class)))
d <- nlschools[nlschools$class %in% names(pupils)[pupils >= 12][1:24], ]
d$class <- droplevels(d$class)
i <- seq_len(nrow(d))
five <- function(x) pmin(5, pmax(1, x))
d$y <- findInterval(d$lang, c(30, 38, 45, 52)) + 1
d$a1 <- findInterval(d$IQ, c(9.5, 11.5, 12.5, 14)) + 1
d$b1 <- findInterval(d$SES, c(15, 20, 27, 38)) + 1
d$c1 <- findInterval(d$GS, c(20, 24, 27, 30)) + 1
d$a2 <- five(d$a1 + (i * 5) %% 3 - 1); d$b2 <- five(d$b1 + (i * 7) %% 3 - 1); d$c2 <- five(d$c1 + (i * 11) %% 4 - 1)
d$m <- five(d$a1 + (i * 13) %% 5 - 2)
d$role <- factor(i %% 3)
d$w <- 1 + (i * i) %% 5
points <- function(x) 25 * (x - 1)
d$Y <- points(d$y); d$M <- points(d$m)
d$A <- points((d$a1 + d$a2) / 2); d$B <- points((d$b1 + d$b2) / 2); d$C <- points((d$c1 + d$c2) / 2)
X <- c("A", "B", "C")

least_squares <- function(formula, data, at) {
  fit <- lm(formula, data, weights = w)
  v <- vcovCR(fit, cluster = data$class, type = "CR2")
  tests <- coef_test(fit, vcov = v, test = "Satterthwaite")
  list(estimate = unname(coef(fit)[at]), std_error = tests$SE[at], df = tests$df_Satt[at], p_value = tests$p_Satt[at])
}
design <- svydesign(ids = ~class, weights = ~w, data = d)
glm <- coef(svyglm(Y ~ A + B + C + role, design))[2:4]

# Within and between: weighted means of roles off first, then weighted means of classes.
wmean <- function(x, by, w) ave(x * w, by, FUN = sum) / ave(w, by, FUN = sum)
s <- d
for (x in X) {
  s[[x]] <- d[[x]] - wmean(d[[x]], d$role, d$w)
  s[[paste0(x, "b")]] <- wmean(s[[x]], d$class, d$w)
  s[[paste0(x, "w")]] <- s[[x]] - s[[paste0(x, "b")]]
}

# Average marginal effect on an answer of 4 or 5, per point of 100, in points of probability; a polished svyolr.
olr <- svyolr(factor(y) ~ A + B + C + role, design, method = "logistic", control = list(reltol = 1e-15, maxit = 1000))
eta <- model.matrix(~ A + B + C + role, d)[, -1] %*% olr$coefficients
ame <- 100 * weighted.mean(dlogis(olr$zeta[3] - eta), d$w) * olr$coefficients[1:3]

# Errors in variables: Fuller and Hidiroglou (1978) on weighted moments; the weighted alphas; jackknife of classes.
alpha <- function(x, w) { S <- cov.wt(x, w)$cov; k <- ncol(x); k / (k - 1) * (1 - sum(diag(S)) / sum(S)) }
eiv <- function(d) {
  z <- model.matrix(~ A + B + C + role, d)[, -1]
  S <- cov.wt(cbind(z, Y = d$Y), d$w)$cov
  r <- c(alpha(d[, c("a1", "a2")], d$w), alpha(d[, c("b1", "b2")], d$w), alpha(d[, c("c1", "c2")], d$w), 1, 1)
  Sxx <- S[1:5, 1:5] - diag((1 - r) * diag(S)[1:5])
  solve(Sxx, S[1:5, 6])[1:3]
}
# Cross-informant: weighted means of class and role; others averaged, and judges pooled, by their sums of weights in the
# whole sample, also where a class is left out.
size <- tapply(d$w, d$role, sum)
cross <- function(d) {
  cells <- lapply(levels(d$role), function(r) {
    own <- d[d$role == r, ]
    sapply(c(X, "Y"), function(x) tapply(own$w * own[[x]], droplevels(own$class), sum) /
             tapply(own$w, droplevels(own$class), sum))
  })
  Sxx <- 0; Sxy <- 0
  for (a in 1:3) {
    o <- setdiff(1:3, a)
    x <- (size[o[1]] * cells[[o[1]]][, X] + size[o[2]] * cells[[o[2]]][, X]) / sum(size[o])
    x <- scale(x, scale = FALSE); y <- cells[[a]][, "Y"] - mean(cells[[a]][, "Y"])
    Sxx <- Sxx + size[a] * crossprod(x); Sxy <- Sxy + size[a] * crossprod(x, y)
  }
  drop(solve(Sxx, Sxy))
}
jackknife <- function(f) {
  whole <- f(d); g <- nlevels(d$class)
  left <- t(sapply(levels(d$class), function(k) f(droplevels(d[d$class != k, ]))))
  list(estimate = unname(whole), std_error = unname(sqrt((g - 1) / g * colSums(sweep(left, 2, whole)^2))))
}
stopifnot(min(table(d$class, d$role)) >= 2)

# Average gain of R squared over all orders, roles in each; of the variance that roles leave.
rest <- function(x) resid(lm(d[[x]] ~ role, d, weights = w))
R2 <- function(set) if (length(set) == 0) 0 else {
  z <- sapply(set, rest); y <- rest("Y")
  1 - sum(d$w * resid(lm(y ~ z, weights = d$w))^2) / sum(d$w * y^2)
}
orders <- list(c(1, 2, 3), c(1, 3, 2), c(2, 1, 3), c(2, 3, 1), c(3, 1, 2), c(3, 2, 1))
lmg <- rowMeans(sapply(orders, function(o) {
  gain <- numeric(3)
  for (k in 1:3) gain[o[k]] <- R2(X[o[seq_len(k)]]) - R2(X[o[seq_len(k - 1)]])
  gain
}))

write_json(list(
  version = paste(R.version.string, "survey", packageVersion("survey"), "clubSandwich", packageVersion("clubSandwich")),
  pooled = least_squares(Y ~ A + B + C + role, d, 2:4),
  svyglm = unname(glm),
  halo_control = least_squares(Y ~ A + B + C + role + M, d, 2:4),
  within = least_squares(Y ~ Aw + Bw + Cw + Ab + Bb + Cb + role, s, 2:4),
  between = least_squares(Y ~ Aw + Bw + Cw + Ab + Bb + Cb + role, s, 5:7),
  ordered = unname(ame),
  svyolr = unname(olr$coefficients[1:3]),
  errors_in_variables = jackknife(eiv),
  cross_informant = jackknife(cross),
  lmg = lmg,
  mean = unname(sapply(X, function(x) weighted.mean(d[[x]], d$w)))
), "tests/reference/values/drivers_weighted.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
