# Design-based rank tests by R survey: Lumley and Scott (2013).  Public data of R itself, typed weights and strata.
# Weighted ties are split by Lumley and Scott's mid-ranks only where tied rows weigh the same, which holds here.
# Rscript ranks.R > ../values/ranks.json
suppressPackageStartupMessages({library(jsonlite); library(survey)})

d <- data.frame(y = chickwts$weight + seq_along(chickwts$weight) / 1000, feed = as.character(chickwts$feed))
d$unit <- (seq_len(nrow(d)) - 1) %/% 3
d$stratum <- d$unit %% 2
d$w <- 1 + (seq_len(nrow(d)) * 7) %% 5
design <- svydesign(~unit, strata = ~stratum, weights = ~w, data = d)
two <- subset(design, feed %in% c("casein", "soybean", "linseed"))
two <- update(two, group = ifelse(feed == "casein", "a", "b"))

t <- svyranktest(y ~ group, two)
k <- svyranktest(y ~ feed, design)
m <- svyttest(y ~ group, two)
f <- regTermTest(svyglm(y ~ feed, design), ~feed)
cat(toJSON(list(
  version = unbox(paste("R", getRversion(), "survey", packageVersion("survey"))),
  ranks_two = c(unname(t$statistic), unname(t$parameter), t$p.value),
  ranks_many = c(unname(k$parameter), unname(k$ddf), unname(k$p.value)),
  means_two = c(unname(m$statistic), unname(m$parameter), m$p.value),
  means_many = c(f$Ftest, f$ddf, f$p)
), auto_unbox = FALSE, digits = NA), "\n")
