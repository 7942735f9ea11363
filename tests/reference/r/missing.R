# Reference values of Little's test: moments by lavaan's EM, iterated until they stand still, d2 by its formula.
# Run here: Rscript missing.R  (R with lavaan, jsonlite); writes ../values/missing.json
suppressMessages({library(lavaan); library(jsonlite)})
options(digits = 15, warn = -1)
little <- function(x) {
  x <- as.matrix(x); x <- x[rowSums(!is.na(x)) > 0, ]
  d <- as.data.frame(x); names(d) <- paste0("v", seq_len(ncol(d)))
  fit <- lavaan(paste(c(paste0(names(d), "~~", names(d)), paste0(names(d), "~1")), collapse = "\n"), d,
                missing = "ml", em.h1.tol = 1e-15, em.h1.iter.max = 500, do.fit = FALSE)
  h1 <- lavInspect(fit, "sampstat.h1")
  mu <- as.numeric(h1$mean); S <- unclass(h1$cov)
  there <- !is.na(x); pattern <- apply(there, 1, paste, collapse = "")
  d2 <- 0; df <- -ncol(x)
  for (p in unique(pattern)) {
    rows <- pattern == p; o <- there[which(rows)[1], ]
    away <- colMeans(x[rows, o, drop = FALSE]) - mu[o]
    d2 <- d2 + sum(rows) * drop(t(away) %*% solve(S[o, o, drop = FALSE], away)); df <- df + sum(o)
  }
  list(mean = mu, cov = S, statistic = d2, df = df, p_value = pchisq(d2, df, lower.tail = FALSE),
       patterns = length(unique(pattern)), n = nrow(x))
}
here <- normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
gaps <- read.csv(file.path(here, "../data/careless_gaps.csv"))
write.csv(airquality, file.path(here, "../data/airquality.csv"), row.names = FALSE, na = "")
out <- list(versions = list(R = as.character(getRversion()), lavaan = as.character(packageVersion("lavaan"))),
            airquality = little(airquality), gaps = little(gaps[, 1:10]))
write_json(out, file.path(here, "../values/missing.json"), digits = NA, auto_unbox = TRUE)
