# Wild cluster bootstrap with the null imposed, every sign pattern of eight clusters, by refitting each sample.
# Rscript wild.R > ../values/wild.json     (R 4.2.2, sandwich, MASS, jsonlite)
suppressMessages({library(sandwich); library(MASS); library(jsonlite)})
d <- droplevels(subset(nlschools, class %in% levels(class)[1:8]))
t_of <- function(fit, name, null) {
  (coef(fit)[[name]] - null) / sqrt(vcovCL(fit, d$class, type = "HC0", cadjust = FALSE)[name, name])
}
signs <- as.matrix(expand.grid(rep(list(c(1, -1)), 8)))
wild <- function(name, null, w) {
  d$w <- w
  full <- lm(lang ~ IQ + SES, d, weights = w)
  d$off <- null * d[[name]]
  rest <- lm(if (name == "SES") lang ~ IQ + offset(off) else lang ~ SES + offset(off), d, weights = w)
  seen <- t_of(full, name, null)
  drawn <- apply(signs, 1, function(s) {
    d$star <- fitted(rest) + residuals(rest) * s[as.integer(d$class)]
    t_of(lm(star ~ IQ + SES, d, weights = w), name, null)
  })
  list(t = seen, p = mean(abs(drawn) >= abs(seen) * (1 - 1e-9)))
}
ones <- rep(1, nrow(d)); w <- rep(c(1, 2, 3), length.out = nrow(d))
out <- list(
  versions = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich"))),
  n = nrow(d), SES = wild("SES", 0, ones), IQ_at_2 = wild("IQ", 2, ones), SES_weighted = wild("SES", 0, w),
  SES_at_0.1 = wild("SES", 0.1, ones)
)
# Romano and Wolf (2005): three slopes of two outcomes, t of every sample, stepped down.
drawn_of <- function(outcome, name, rest) {
  full <- lm(reformulate(c(name, rest), outcome), d)
  small <- lm(reformulate(if (length(rest)) rest else "1", outcome), d)
  seen <- t_of(full, name, 0)
  list(seen = abs(seen), drawn = apply(signs, 1, function(s) {
    d$star <- fitted(small) + residuals(small) * s[as.integer(d$class)]
    abs(t_of(lm(reformulate(c(name, rest), "star"), d), name, 0))
  }))
}
family <- list(drawn_of("lang", "IQ", "SES"), drawn_of("lang", "SES", "IQ"), drawn_of("IQ", "SES", character()))
seen <- sapply(family, `[[`, "seen"); all_drawn <- sapply(family, `[[`, "drawn")
left <- order(-seen); p <- numeric(3); before <- 0
for (k in seq_along(left)) {
  largest <- apply(all_drawn[, left[k:3], drop = FALSE], 1, max)
  before <- p[left[k]] <- max(before, mean(largest >= seen[left[k]] * (1 - 1e-9)))
}
out$romano_wolf <- list(statistic = seen, single = colMeans(all_drawn >= rep(seen * (1 - 1e-9), each = 256)), p = p)
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
