# Balanced half-samples of R survey on nhanes without its strata of three units: which unit of each pair each replicate keeps, and
# what R then says; the same signs are given to sg.replicate_weights(signs=).
# Run here: Rscript halves.R  (R with survey, jsonlite; ../shared beside the project); writes ../values/halves.json
suppressMessages({library(survey); library(jsonlite)})
here <- normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
d <- read.csv(file.path(here, "../../../../shared/reference/survey_data/nhanes.csv"))
units <- tapply(d$SDMVPSU, d$SDMVSTRA, function(u) length(unique(u)))
d <- d[units[as.character(d$SDMVSTRA)] == 2, ]
z <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = d)
strata <- unique(d$SDMVSTRA)
first <- match(strata, d$SDMVSTRA)
said <- function(type, ...) {
  r <- as.svrepdesign(z, type = type, ...)
  m <- svymean(~HI_CHOL, r, na.rm = TRUE)
  q <- svyratio(~HI_CHOL, ~race, r, na.rm = TRUE)
  g <- svyglm(HI_CHOL ~ race, r)
  list(signs = t(sign(weights(r, "replication")[first, ] - 1)), strata = strata, mean = c(coef(m)[[1]], SE(m)[[1]]), mean_mse = as.numeric(SE(svymean(~HI_CHOL, as.svrepdesign(z, type = type, mse = TRUE, ...), na.rm = TRUE))), ratio = c(coef(q)[[1]], as.numeric(SE(q))), glm = as.numeric(SE(g)), df = degf(r))
}
out <- list(versions = list(R = as.character(getRversion()), survey = as.character(packageVersion("survey"))), BRR = said("BRR"), Fay = said("Fay", fay.rho = 0.3))
write_json(out, file.path(here, "../values/halves.json"), digits = NA, auto_unbox = TRUE)
