# Reference values of factors of ordered answers: lavaan's efa of bfi, ten items, least squares weighted by Gamma.
# Run here: Rscript factors_ordinal.R   (R with psych, lavaan, jsonlite); writes ../values/factors_ordinal.json
suppressMessages({library(psych); library(lavaan); library(jsonlite)})
options(digits = 15, warn = -1)
x <- na.omit(bfi[, 1:10])
f <- efa(x, nfactors = 2, rotation = "quartimin", estimator = "DWLS", ordered = TRUE, bounds = "none", output = "lavaan",
         rotation.args = list(rstarts = 10, tol = 1e-10), control = list(rel.tol = 1e-10))
s <- standardizedSolution(f)
load <- s[s$op == "=~", ]; phi <- s[s$op == "~~" & s$lhs == "f1" & s$rhs == "f2", ]
g <- efa(x, nfactors = 2, rotation = "quartimin", estimator = "WLSMV", ordered = TRUE, bounds = "none", output = "lavaan",
         rotation.args = list(rstarts = 10, tol = 1e-10), control = list(rel.tol = 1e-10))
r <- standardizedSolution(g)
# Correlations of rows with gaps: the saturated model by FIML, errors without normality.
a <- bfi[, 1:5]
pairs <- combn(names(a), 2)
h <- lavaan::sem(paste(apply(pairs, 2, paste, collapse = " ~~ "), collapse = "\n"), a, missing = "fiml", estimator = "MLR",
                 control = list(rel.tol = 1e-12))
st <- standardizedSolution(h); st <- st[st$op == "~~" & st$lhs != st$rhs, ]
fiml <- list(pairs = t(as.matrix(st[, c("lhs", "rhs")])), corr = st$est.std, std_error = st$se)
out <- list(fiml = fiml, versions = list(lavaan = as.character(packageVersion("lavaan")), psych = as.character(packageVersion("psych"))),
            n = nrow(x), loadings = matrix(load$est.std, 10), phi = phi$est.std,
            std_error = matrix(r[r$op == "=~", "se"], 10), phi_error = r[r$op == "~~" & r$lhs == "f1" & r$rhs == "f2", "se"])
write_json(out, "../values/factors_ordinal.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
cat("written\n")
