# Reference values of agreement: ICC and kappas of psych, HTMT of semTools.
# Run here: Rscript agreement.R   (R with psych, vcd, lavaan, semTools, jsonlite); writes ../values/agreement.json
suppressMessages({library(psych); library(jsonlite)})
options(digits = 15, warn = -1)
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            vcd = as.character(packageVersion("vcd")),
                            lavaan = as.character(packageVersion("lavaan")),
                            semTools = as.character(packageVersion("semTools"))))

# Shrout and Fleiss (1979), table 2: six subjects, four judges ---------------------------------------------------
sf <- matrix(c(9,2,5,8, 6,1,3,2, 8,4,6,8, 7,1,2,6, 10,5,6,9, 6,2,4,7), ncol = 4, byrow = TRUE)
# ... and attitude (30 departments by 7 questions), where the interval of ICC2 has other degrees of freedom
icc <- function(x) { r <- ICC(x, lmer = FALSE)$results
  list(icc = r$ICC, f = r$F, df1 = r$df1, df2 = r$df2, p = r$p, low = r$`lower bound`, high = r$`upper bound`) }
out$shrout_fleiss <- icc(sf)
out$attitude <- icc(as.matrix(attitude))

# Cohen (1968), as in psych's help: a 3 x 3 table, and bfi items 1-2 of N as two ratings -------------------------
cohen <- matrix(c(0.44, 0.07, 0.09, 0.05, 0.20, 0.05, 0.01, 0.03, 0.06), ncol = 3)
kappas <- function(x, n = NULL) {
  linear <- 1 - abs(outer(seq_len(ncol(x)), seq_len(ncol(x)), "-")) / (ncol(x) - 1)
  quadratic <- 1 - (outer(seq_len(ncol(x)), seq_len(ncol(x)), "-") / (ncol(x) - 1))^2
  # psych's variance of a weighted kappa is not that of Fleiss, Cohen and Everitt (1969) in 2.2.9; vcd's is.
  one <- function(w, kind) { k <- cohen.kappa(x, w = w, n.obs = n)
    v <- vcd::Kappa(if (is.null(n)) unclass(x) else x * n, weights = kind)
    list(weighted = k$weighted.kappa, var_psych = k$var.weighted, kappa = k$kappa, var_kappa = k$var.kappa,
         vcd = v$Weighted[["value"]], ase_vcd = v$Weighted[["ASE"]], ase_vcd_plain = v$Unweighted[["ASE"]]) }
  list(linear = one(linear, "Equal-Spacing"), quadratic = one(quadratic, "Fleiss-Cohen")) }
out$cohen1968 <- kappas(cohen, 200)
bfi <- psych::bfi[complete.cases(psych::bfi[, c("N1", "N2")]), ]
out$bfi_n1_n2 <- kappas(table(factor(bfi$N1, 1:6), factor(bfi$N2, 1:6)))

# HTMT, HTMT2, AVE and reliability of semTools; method models of lavaan, on Holzinger and Swineford's nine tests ----
suppressMessages({library(lavaan); library(semTools)})
d <- HolzingerSwineford1939
HS <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
tight <- list(rel.tol = 1e-12)
fit <- cfa(HS, d, control = tight)
plain <- function(m) { m <- unclass(m); dimnames(m) <- NULL; m }
rel <- suppressWarnings(reliability(fit))
out$hs <- list(htmt = plain(htmt(HS, d, htmt2 = FALSE)), htmt2 = plain(htmt(HS, d, htmt2 = TRUE)),
               ave = as.numeric(AVE(fit)), omega = as.numeric(rel["omega", ]), observed = as.numeric(compRelSEM(fit)),
               phi = plain(lavInspect(fit, "cor.lv")))
# errors of AVE and CR by lavaan's own delta method on defined parameters of the standardised solution
named <- "visual =~ a1*x1 + a2*x2 + a3*x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9
ave := (a1^2 + a2^2 + a3^2) / 3
cr := (a1 + a2 + a3)^2 / ((a1 + a2 + a3)^2 + (1 - a1^2) + (1 - a2^2) + (1 - a3^2))"
sol <- standardizedSolution(cfa(named, d, std.lv = TRUE, control = tight))
out$hs$ave_cr_visual <- list(est = sol$est.std[sol$op == ":="], se = sol$se[sol$op == ":="])
sol <- standardizedSolution(cfa(named, d, std.lv = TRUE, estimator = "MLR", control = tight))
out$hs$ave_cr_visual_mlr <- list(est = sol$est.std[sol$op == ":="], se = sol$se[sol$op == ":="])
keys <- c("chisq", "df", "cfi", "tli", "rmsea", "srmr")
two <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
method <- paste(two, "\nmethod =~ m*x1 + m*x2 + m*x3 + m*x4 + m*x5 + m*x6\nmethod ~~ 0*visual\nmethod ~~ 0*textual")
mark <- cfa(paste(two, "\nmk =~ x7 + x8 + x9"), d, std.lv = TRUE, control = tight)
p <- parameterEstimates(mark); l <- p$est[p$lhs == "mk" & p$op == "=~"]
e <- p$est[p$op == "~~" & p$lhs == p$rhs & p$lhs %in% c("x7", "x8", "x9")]
base <- paste0(two, "\nmk =~ ", paste0(sprintf("%.12f", l), "*x", 7:9, collapse = " + "), "\n",
               paste0("x", 7:9, " ~~ ", sprintf("%.12f", e), "*x", 7:9, collapse = "\n"),
               "\nmk ~~ 0*visual\nmk ~~ 0*textual")
# lavaan calls some of these unconverged under the tight tolerance: its own is kept
measures <- function(m) as.numeric(fitMeasures(cfa(m, d, std.lv = TRUE), keys))
out$method <- list(keys = keys, one_factor = measures("g =~ x1 + x2 + x3 + x4 + x5 + x6"), model = measures(two),
  method_factor = measures(method), marker_baseline = measures(base),
  marker_equal = measures(paste(base, "\nmk =~ c*x1 + c*x2 + c*x3 + c*x4 + c*x5 + c*x6")),
  marker_free = measures(paste(base, "\nmk =~ x1 + x2 + x3 + x4 + x5 + x6")))

write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "../values/agreement.json")
