# Reference values of polychoric and polyserial correlations, their asymptotic covariance, and ordinal retention.
# Run here: Rscript polychoric.R   (R with lavaan, psych, polycor, jsonlite); writes ../values/polychoric.json
suppressMessages({library(lavaan); library(psych); library(polycor); library(jsonlite)})
options(digits = 15, warn = -1)
out <- list(versions = list(R = as.character(getRversion()), lavaan = as.character(packageVersion("lavaan")),
                            psych = as.character(packageVersion("psych")),
                            polycor = as.character(packageVersion("polycor"))))
items <- as.vector(outer(1:5, c("A", "C", "E", "N", "O"), function(i, s) paste0(s, i)))
raw <- psych::bfi[items]
whole <- raw[complete.cases(raw), ]
as_ordered <- function(d) as.data.frame(lapply(d, ordered))
plain <- function(m) { m <- unclass(m); attr(m, "header") <- NULL; m[, , drop = FALSE] }

# All pairs, complete rows -----------------------------------------------------------------------------------------
out$bfi <- list(lavaan = plain(lavCor(as_ordered(whole), ordered = items)),
                psych = polychoric(whole, correct = 0)$rho)

# Gamma of six items: lavaan's order of pairs is by columns of the lower triangle ------------------------------------
six <- as_ordered(whole[1:6]); names6 <- names(six)
model <- paste("f =~", paste(names6, collapse = " + "))
fit <- cfa(model, six, ordered = names6, estimator = "WLSMV")
six$w <- 0.5 + (seq_len(nrow(six)) %% 4) / 2
weighted <- cfa(model, six, ordered = names6, estimator = "WLSMV", sampling.weights = "w")
of <- function(f) list(gamma = plain(lavInspect(f, "gamma")), corr = plain(lavInspect(f, "sampstat")$cov),
                       thresholds = as.numeric(lavInspect(f, "sampstat")$th), n = lavInspect(f, "nobs"))
out$six <- of(fit); out$six_weighted <- of(weighted)

# Missing answers: pairs over the rows complete on each -------------------------------------------------------------
gaps <- as_ordered(raw[1:6])
pairs <- lavCor(gaps, ordered = names6, missing = "pairwise")
out$pairwise <- list(corr = plain(pairs), thresholds = as.numeric(lavCor(gaps, ordered = names6, missing = "pairwise", output = "th")))

# One table --------------------------------------------------------------------------------------------------------
tallis <- matrix(c(58, 52, 1, 26, 58, 3, 8, 12, 9), 3, byrow = TRUE)
ml <- polychor(tallis, ML = TRUE, std.err = TRUE, control = list(reltol = 1e-15))
out$tallis <- list(two_step = polychor(tallis), ml = unname(ml$rho), ml_se = sqrt(ml$var[1, 1]))
rows <- function(t) { at <- which(t > 0, arr.ind = TRUE); at[rep(seq_len(nrow(at)), t[at]), ] }
square <- as.data.frame(rows(matrix(c(30, 10, 0, 20), 2, byrow = TRUE))); names(square) <- c("a", "b")
out$empty_cell <- plain(lavCor(as_ordered(square), ordered = c("a", "b")))[1, 2]

# Ordered with continuous ------------------------------------------------------------------------------------------
mixed <- data.frame(age = psych::bfi$age, raw[c("A1", "N1", "E3")])
mixed <- mixed[complete.cases(mixed), ]
ords <- c("A1", "N1", "E3")
m <- mixed; m[ords] <- as_ordered(m[ords]); m$age <- m$age / 10
fm <- cfa("f =~ age + A1 + N1 + E3", m, ordered = ords, estimator = "WLSMV")
out$mixed <- list(lavaan = plain(lavCor(m, ordered = ords)), gamma = plain(lavInspect(fm, "gamma")),
                  names = rownames(lavInspect(fm, "gamma")),
                  ad_hoc = sapply(ords, function(v) polyserial(mixed$age, mixed[[v]], ML = FALSE)),
                  ml = sapply(ords, function(v) polyserial(mixed$age, mixed[[v]], ML = TRUE)),
                  ml_se = sapply(ords, function(v) sqrt(polyserial(mixed$age, mixed[[v]], ML = TRUE, std.err = TRUE)$var[1, 1])))

# Smoothing: correlations that no rows could have -------------------------------------------------------------------
bad <- matrix(c(1, .9, -.9, .9, 1, .9, -.9, .9, 1), 3)
out$smooth <- list(bad = bad, psych = cor.smooth(bad))

# How many: MAP of the polychoric matrix; parallel analysis of columns permuted or drawn -----------------------------
tight <- plain(lavCor(as_ordered(whole), ordered = items))
fourth <- function(R) {   # Velicer, Eaton and Fava (2000): mean fourth power of the partial correlations
  e <- eigen(R); L <- e$vectors %*% diag(sqrt(e$values)); p <- nrow(R)
  sapply(0:(p - 2), function(m) {
    S <- if (m == 0) R else R - L[, 1:m, drop = FALSE] %*% t(L[, 1:m, drop = FALSE])
    P <- cov2cor(S); (sum(P^4) - p) / (p * (p - 1))
  })
}
out$map <- list(psych = vss(tight, 8, n.obs = nrow(whole), plot = FALSE, rotate = "none")$map,
                fourth = fourth(tight), fourth_pearson = fourth(cor(whole)))
set.seed(42)
sub <- whole[1:400, c(paste0("A", 1:5), paste0("N", 1:5))]
pdf(NULL); sink(tempfile())
pa <- fa.parallel(sub, cor = "poly", n.iter = 20, sim = FALSE, plot = FALSE, correct = 0, error.bars = FALSE)
pearson <- fa.parallel(sub, n.iter = 200, plot = FALSE)
smc <- fa.parallel(sub, n.iter = 200, plot = FALSE, SMC = TRUE)
sink()
out$parallel <- list(components = pa$ncomp, factors = pa$nfact, pc = pa$pc.values, fa = pa$fa.values,
                     pc_mean = as.numeric(pa$pc.simr), fa_mean = as.numeric(pa$fa.simr),
                     pearson = list(pc = pearson$pc.values, fa = pearson$fa.values, pc_sim = as.numeric(pearson$pc.sim),
                                    fa_sim = as.numeric(pearson$fa.sim), pc_simr = as.numeric(pearson$pc.simr),
                                    fa_simr = as.numeric(pearson$fa.simr), components = pearson$ncomp, factors = pearson$nfact),
                     smc = list(fa = smc$fa.values, fa_sim = as.numeric(smc$fa.sim), fa_simr = as.numeric(smc$fa.simr),
                                factors = smc$nfact))
write_json(out, "../values/polychoric.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
