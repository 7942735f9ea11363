# Reference values of the indices of careless answering, on synthetic answers that this script also makes.
# Run here: Rscript careless.R; writes ../data/careless.csv, ../data/careless_gaps.csv and ../values/careless.json
# Needs R with psych and jsonlite, and R careless 1.2.2 (MIT).  Where CRAN is out of reach, put the package's R files
# (https://github.com/ryentes/careless, folder R, version 1.2.2) together in one file outside this repository and name
# it:  CARELESS_SOURCE=/tmp/careless/careless_1.2.2.R Rscript careless.R
suppressMessages({library(psych); library(jsonlite)})
options(digits = 15, warn = -1)
file <- Sys.getenv("CARELESS_SOURCE")
if (nzchar(file)) source(file) else library(careless)

# Answers: 6 constructs of 5 items on 1-5, the last two of each asked the other way round ------------------------
set.seed(20261201)
n <- 300; k <- 6; m <- 5
view <- matrix(rnorm(n * k), n) %*% chol(0.3 + 0.7 * diag(k))
keyed <- view[, rep(1:k, each = m)] * 0.95 + matrix(rnorm(n * k * m), n) * 0.45 + 3.3
keyed <- pmin(pmax(round(keyed), 1), 5)
turned <- rep(c(FALSE, FALSE, FALSE, TRUE, TRUE), k)
raw <- keyed; raw[, turned] <- 6 - keyed[, turned]
raw[1:8, ] <- rep(c(1, 2, 3, 4, 5, 4, 4, 5), k * m)           # one answer to all
raw[9:24, ] <- sample(5, 16 * k * m, replace = TRUE)          # random answers
raw[25:30, ] <- rep(c(1, 2, 3, 4, 5), each = 6 * k)           # steps: long runs that vary
colnames(raw) <- paste0(rep(LETTERS[1:k], each = m), 1:m, ifelse(turned, "R", ""))
gaps <- raw
gaps[sample(length(gaps), round(0.08 * length(gaps)))] <- NA
gaps[41:44, 1:10] <- NA                                       # two constructs not answered
here <- normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
write.csv(raw, file.path(here, "../data/careless.csv"), row.names = FALSE)
write.csv(gaps, file.path(here, "../data/careless_gaps.csv"), row.names = FALSE, na = "")

# Indices ----------------------------------------------------------------------------------------------------------
# Traps: evenodd() on a matrix takes only the first two items of each factor (data.frame it is); psychsyn() draws
# anew by default where it finds NA (resample_na = FALSE); psych::outlier takes a missing answer as the mean, so that
# mahad() is compared on rows without any.
indices <- function(x) {
  y <- x; y[, turned] <- 6 - y[, turned]
  list(longstring = longstring(x), average = longstring(x, avg = TRUE)$avgstr, irv = irv(x),
       mahad = mahad(x, plot = FALSE), evenodd = evenodd(as.data.frame(y), rep(m, k)),
       synonyms = psychsyn(x, 0.60, resample_na = FALSE), synonyms_keyed = psychsyn(y, 0.60, resample_na = FALSE),
       antonyms = psychsyn(x, 0.60, anto = TRUE, resample_na = FALSE),
       pairs = nrow(get_item_pairs(x, 0.60)), opposite = nrow(get_item_pairs(x, 0.60, anto = TRUE)),
       cut = qchisq(0.999, k * m))
}
if (!exists("get_item_pairs")) get_item_pairs <- careless:::get_item_pairs
out <- list(versions = list(R = as.character(getRversion()), psych = as.character(packageVersion("psych")),
                            careless = "1.2.2"),
            complete = indices(raw), gaps = indices(gaps))
write_json(out, file.path(here, "../values/careless.json"), digits = NA, auto_unbox = TRUE, na = "null")
