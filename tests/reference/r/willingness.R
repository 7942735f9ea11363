# Reference values for sg.willingness_to_pay: run `Rscript tests/reference/r/willingness.R` in the project's folder.
# glm, the delta method by hand, areas by integrate().  The data are made here and go into the values.
suppressMessages(library(jsonlite))
set.seed(11)
n <- 400
d <- data.frame(bid = sample(c(2, 5, 10, 20), n, TRUE), income = round(rnorm(n, 5, 2), 2), place = rep(1:20, each = 20))
d$yes <- as.integer(1.6 + .15 * d$income - .22 * d$bid + rlogis(n) > 0)
one <- function(link, log) {
  d$t <- if (log) log(d$bid) else d$bid
  g <- glm(yes ~ t + income, binomial(link), d, control = glm.control(epsilon = 1e-15, maxit = 100))
  L <- rbind(c(1, 0, mean(d$income)), c(0, -1, 0))
  p <- drop(L %*% coef(g)); F <- if (link == "logit") plogis else pnorm
  X <- model.matrix(g)
  lost <- function(q) -sum(log(F(ifelse(d$yes == 1, 1, -1) * drop(X %*% q))))   # glm's vcov is of the expected information
  V <- L %*% solve(optimHess(coef(g), lost, control = list(ndeps = rep(1e-4, 3)))) %*% t(L)
  price <- function(b) if (log) log(b) else b
  amounts <- list(
    median = function(p) if (log) exp(p[1] / p[2]) else p[1] / p[2],
    mean = function(p) if (log) integrate(function(b) F(p[1] - p[2] * log(b)), 0, Inf, rel.tol = 1e-12)$value else p[1] / p[2],
    mean_above_zero = function(p) integrate(function(b) F(p[1] - p[2] * price(b)), 0, Inf, rel.tol = 1e-12)$value,
    mean_to_highest = function(p) integrate(function(b) F(p[1] - p[2] * price(b)), 0, 20, rel.tol = 1e-12)$value)
  slope <- function(f) sapply(1:2, function(j) { e <- replace(numeric(2), j, 1e-5); (f(p + e) - f(p - e)) / 2e-5 })
  q <- qnorm(.975)^2
  roots <- sort(Re(polyroot(c(p[1]^2 - q * V[1, 1], -2 * (p[1] * p[2] - q * V[1, 2]), p[2]^2 - q * V[2, 2]))))
  list(a_b = p, estimate = sapply(amounts, function(f) tryCatch(f(p), error = function(e) NA)),
       std_error = sapply(amounts, function(f) tryCatch({s <- slope(f); sqrt(drop(s %*% V %*% s))}, error = function(e) NA)),
       fieller = if (log) exp(roots) else roots)
}
out <- list(logit = one("logit", FALSE), probit = one("probit", FALSE), log_logit = one("logit", TRUE),
            log_probit = one("probit", TRUE), data = d, versions = list(R = R.version.string))
write_json(out, "tests/reference/values/willingness.json", digits = NA, auto_unbox = TRUE)
