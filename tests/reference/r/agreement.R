# Reference values of agreement: ICC and kappas of psych, HTMT of semTools.
# Run here: Rscript agreement.R   (R with psych, vcd, lavaan, semTools, jsonlite); writes ../values/agreement.json
suppressMessages({library(psych); library(jsonlite)})
options(digits = 15, warn = -1)
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            vcd = as.character(packageVersion("vcd"))))

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

write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "../values/agreement.json")
