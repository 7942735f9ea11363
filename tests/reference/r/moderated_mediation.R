# Reference values for sg.mediation with a moderator: run `Rscript tests/reference/r/moderated_mediation.R` in the
# project's folder.  Data: psych::Tal.Or.  The numbers of the models are those of Hayes's PROCESS.
suppressMessages({library(lavaan); library(psych); library(jsonlite)})
d <- as.data.frame(Tal.Or)
m <- mean(d$age); s <- sd(d$age)
d$w <- d$age - m
d$xw <- d$cond * d$w; d$mw <- d$pmi * d$w; d$iw <- d$import * d$w
along <- c(low = -s, mean = 0, high = s)
defined <- function(name, expression) paste0(name, names(along), " := ", sapply(along, function(v) gsub("W", sprintf("(%.15f)", v), expression)))
fitted <- function(...) {
  e <- parameterEstimates(sem(paste(c(...), collapse = "\n"), d))
  e <- e[e$op == ":=", ]
  list(name = e$label, est = e$est, se = e$se)
}
model7 <- fitted("pmi ~ a*cond + w + a3*xw + gender", "reaction ~ c*cond + b*pmi + gender",
                 defined("indirect_", "(a + a3*W)*b"), "index := a3*b", "total := c + a*b")
model14 <- fitted("pmi ~ a*cond + gender", "reaction ~ c*cond + b*pmi + w + b3*mw + gender",
                  defined("indirect_", "a*(b + b3*W)"), "index := a*b3")
model59 <- fitted("pmi ~ a*cond + w + a3*xw + gender", "reaction ~ c*cond + c3*xw + b*pmi + w + b3*mw + gender",
                  defined("indirect_", "(a + a3*W)*(b + b3*W)"), defined("direct_", "c + c3*W"))
two <- fitted("pmi ~ a*cond + w + a3*xw", "import ~ q*cond + w + q3*xw", "reaction ~ cond + b*pmi + r*import",
              "pmi ~~ import", defined("pmi_", "(a + a3*W)*b"), defined("import_", "(q + q3*W)*r"),
              "index_pmi := a3*b", "index_import := q3*r")
# BCa: 40,000 draws of rows.
set.seed(20)
X <- cbind(1, d$cond)
product <- function(rows) .lm.fit(X[rows, ], d$pmi[rows])$coefficients[2] *
  .lm.fit(cbind(X, d$pmi)[rows, ], d$reaction[rows])$coefficients[3]
drawn <- boot::boot(d, function(data, rows) product(rows), 40000)
bca <- boot::boot.ci(drawn, type = "bca")$bca[4:5]
write_json(list(at = m + unname(along), model7 = model7, model14 = model14, model59 = model59, two = two, bca = bca,
                versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")),
                                boot = as.character(packageVersion("boot")))),
           "tests/reference/values/moderated_mediation.json", digits = NA, pretty = TRUE, auto_unbox = TRUE)
