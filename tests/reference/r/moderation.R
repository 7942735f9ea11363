# Reference values for sg.moderation: run `Rscript tests/reference/r/moderation.R` in the project's folder.
# Data: carData::Prestige, MASS::nlschools.
suppressMessages({library(emmeans); library(sandwich); library(clubSandwich); library(MASS); library(jsonlite)})
data(Prestige, package = "carData")
d <- Prestige
d$income <- d$income / 1000
d$e <- d$education - mean(d$education)
d$i <- d$income - mean(d$income)
m <- lm(prestige ~ e * i + women, d)
V <- vcovHC(m, "HC3")
at <- sd(d$income) * c(-1, 0, 1)
slopes <- summary(emtrends(m, ~ i, var = "e", at = list(i = at), vcov. = V), infer = TRUE)
b <- coef(m)[c("e", "e:i")]
v <- V[c("e", "e:i"), c("e", "e:i")]
ends <- function(level) {                      # slope^2 = t^2 var, a quadratic in the moderator
  t2 <- qt(1 - level / 2, m$df.residual)^2
  r <- polyroot(c(b[1]^2 - t2 * v[1, 1], 2 * (b[1] * b[2] - t2 * v[1, 2]), b[2]^2 - t2 * v[2, 2]))
  sort(Re(r)) + mean(d$income)
}
w <- sort(unique(d$i))
p <- 2 * pt(-abs((b[1] + b[2] * w) / sqrt(v[1, 1] + 2 * w * v[1, 2] + w^2 * v[2, 2])), m$df.residual)
count <- sum(p.adjust(p, "BH") <= .05)
fdr <- .05 * count / length(w)

k <- lm(prestige ~ e * type + women, transform(na.omit(Prestige), e = education - mean(education)))
levels <- summary(emtrends(k, ~ type, var = "e", vcov. = vcovHC(k, "HC3")), infer = TRUE)
s <- nlschools
s$q <- s$IQ - mean(s$IQ)
s$u <- s$SES - mean(s$SES)
c2 <- lm(lang ~ q * u + GS, s)
CR <- vcovCR(c2, cluster = s$class, type = "CR2")
C <- cbind(0, 1, 0, 0, c(10, 30) - mean(s$SES))
cl <- linear_contrast(c2, vcov = CR, contrasts = C, test = "Satterthwaite")
out <- list(
  coefficients = unname(coef(m)), slopes = slopes[, c("e.trend", "SE", "df", "lower.CL", "upper.CL", "p.value")],
  ends = ends(.05), fdr_level = fdr, fdr_ends = ends(fdr),
  delta_r_squared = summary(m)$r.squared - summary(lm(prestige ~ e + i + women, d))$r.squared,
  levels = levels[, c("e.trend", "SE", "lower.CL", "upper.CL")],
  clustered = list(estimate = cl$Est, std_error = cl$SE, df = cl$df, low = cl$CI_L, high = cl$CI_U),
  versions = list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")),
                  clubSandwich = as.character(packageVersion("clubSandwich"))))
write_json(out, "tests/reference/values/moderation.json", digits = NA, pretty = TRUE, auto_unbox = TRUE)
