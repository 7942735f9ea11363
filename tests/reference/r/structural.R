# Structural models by lavaan, beside which tests/measurement/test_sem*.py put our numbers.
# Rscript structural.R > ../values/structural.json   (R 4.2.2, lavaan 0.6-14, psych 2.2.9)
suppressMessages({library(lavaan); library(jsonlite)})
HS <- HolzingerSwineford1939
hs <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
political <- "ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8"
panel <- "ind60 =~ x1 + x2 + x3
dem60 =~ y1 + a*y2 + b*y3 + c*y4
dem65 =~ y5 + a*y6 + b*y7 + d*y8
dem60 ~ p*ind60
dem65 ~ q*ind60 + r*dem60
c == d
q == 0.5*r
indirect := p*r
total := q + p*r
ratio := exp(indirect)/(1 + total^2)"
keep <- c("lhs", "op", "rhs", "group", "est", "se", "std.lv", "std.all", "std.se")
table_of <- function(f) {
  p <- parameterEstimates(f, standardized = TRUE, remove.eq = FALSE, remove.system.eq = FALSE)
  p <- p[!(p$op %in% c("==")), ]
  if (is.null(p$group)) p$group <- 1
  s <- standardizedSolution(f, remove.eq = FALSE)
  if (is.null(s$group)) s$group <- 1
  p$std.se <- s$se[match(paste(p$lhs, p$op, p$rhs, p$group), paste(s$lhs, s$op, s$rhs, s$group))]
  p[, keep]
}
# Against complete independence: lavaan's own baseline lets observed causes correlate.
alone <- function(f, data) lavaan(paste(lavNames(f), "~~", lavNames(f), collapse = "\n"), data, fixed.x = FALSE)
case <- function(f, data = NULL) {
  fit <- if (is.null(data)) fitMeasures(f) else fitMeasures(f, baseline.model = alone(f, data))
  list(par = table_of(f), fit = as.list(fit))
}
# As tight as lavaan still says that it converged.
m <- function(...) {
  for (tol in c(1e-13, 1e-12, 1e-11, 1e-10)) {
    f <- suppressWarnings(sem(..., control = list(rel.tol = tol)))
    if (lavInspect(f, "converged")) return(f)
  }
  stop("no convergence")
}
o <- list()
o$hs <- case(m(hs, HS))
o$hs_std_lv <- case(m(hs, HS, std.lv = TRUE))
o$second_order <- case(m(paste(hs, "g =~ visual + textual + speed", sep = "\n"), HS))
o$orthogonal <- case(m(hs, HS, orthogonal = TRUE))
bifactor <- "g =~ N1 + N2 + N3 + N4 + N5 + E1 + E2 + E3 + E4 + E5
n =~ N1 + N2 + N3 + N4 + N5
e =~ E1 + E2 + E3 + E4 + E5"
data(bfi, package = "psych")
B <- na.omit(bfi[, 1:25])
o$bifactor <- case(m(bifactor, B, std.lv = TRUE, orthogonal = TRUE))
five <- paste(sapply(c("A", "C", "E", "N", "O"), function(f) paste(f, "=~", paste0(f, 1:5, collapse = " + "))), collapse = "\n")
o$bfi <- case(m(five, B))
o$political <- case(m(political, PoliticalDemocracy))
o$panel <- case(m(panel, PoliticalDemocracy))
o$mediation <- case(m("x9 ~ b*x5 + c*x1\nx5 ~ a*x1\nindirect := a*b\ntotal := c + a*b", HS, fixed.x = FALSE), HS)
o$mimic <- case(m(paste(hs, "visual + textual ~ ageyr + sex\nspeed ~ visual + ageyr", sep = "\n"), HS, fixed.x = FALSE), HS)
g <- list(configural = "", loadings = "loadings", scalar = c("loadings", "intercepts"),
          strict = c("loadings", "intercepts", "residuals"), means = c("loadings", "intercepts", "residuals", "means"),
          variances = c("loadings", "lv.variances", "lv.covariances"))
for (n in names(g)) o[[paste0("group_", n)]] <- case(m(hs, HS, group = "school", group.equal = g[[n]]))
o$group_partial <- case(m(hs, HS, group = "school", group.equal = g$scalar, group.partial = c("x3 ~ 1", "x7 ~ 1")))
o$group_std_lv <- case(m(hs, HS, group = "school", group.equal = "loadings", std.lv = TRUE))
paths <- paste(hs, "textual ~ visual\nspeed ~ textual + visual", sep = "\n")
o$group_regressions <- case(m(paths, HS, group = "school", group.equal = c("loadings", "regressions")))
o$group_labels <- case(m("visual =~ x1 + c(u, u)*x2 + c(1, NA)*x3\ntextual =~ x4 + x5 + x6\nvisual ~~ c(0, 0)*textual", HS, group = "school"))
mi <- function(f) { x <- modificationIndices(f); x[!is.na(x$mi), intersect(c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.lv", "sepc.all"), names(x))] }
o$mi_hs <- mi(m(hs, HS))
o$mi_political <- mi(m(political, PoliticalDemocracy))
o$mi_scalar <- mi(m(hs, HS, group = "school", group.equal = g$scalar))
released <- function(f) { s <- lavTestScore(f)$uni; pt <- parTable(f)
  at <- match(sub("\\+?$", "", s$rhs), pt$plabel)
  data.frame(lhs = pt$lhs[at], op = pt$op[at], rhs = pt$rhs[at], group = pt$group[at], x2 = s$X2, df = s$df, p = s$p.value) }
o$score_scalar <- released(m(hs, HS, group = "school", group.equal = g$scalar))
f <- m(hs, HS)
o$residuals <- list(raw = resid(f)$cov, cor = resid(f, type = "cor")$cov, standardized = resid(f, type = "standardized")$cov)
o$scores <- list(regression = head(lavPredict(f), 4), bartlett = head(lavPredict(f, method = "Bartlett"), 4))
f <- m(hs, HS, group = "school", group.equal = g$scalar)
o$scores_group <- list(regression = lapply(lavPredict(f), head, 3), bartlett = lapply(lavPredict(f, method = "Bartlett"), head, 3))
o$rsquare <- as.list(lavInspect(m(political, PoliticalDemocracy), "rsquare"))
f <- m(hs, HS, estimator = "ULS")
o$uls <- list(par = table_of(f), srmr = fitMeasures(f)[["srmr"]], fmin = fitMeasures(f)[["fmin"]])
cat(toJSON(o, digits = NA, auto_unbox = TRUE, matrix = "rowmajor", na = "null"), "\n")
