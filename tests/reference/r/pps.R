# Reference values of estimation under unequal probabilities, on R survey's own sample of 40 counties of the United States,
# presidential election of 2004 (election_pps; vote counts by county are public records; drawn with probabilities
# proportional to votes by Tille's method, joint probabilities in election_jointprob).
# Run here: Rscript pps.R  (R with survey, jsonlite); writes ../values/pps.json, ../data/election.csv, ../data/election_joint.csv
suppressMessages({library(survey); library(jsonlite)})
options(digits = 15)
here <- normalizePath(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
data(election)
e <- election_pps[c("County", "Bush", "Kerry", "Nader", "votes", "p", "wt")]
e$half <- 1 * (e$Bush > e$Kerry)
e$third <- 1 * (e$Nader > 0)
e$block <- (seq_len(40) - 1) %/% 4
squares <- sum(election$p^2)
one <- function(...) svydesign(id = ~1, fpc = ~p, data = e, ...)
designs <- list(
  replacement = svydesign(id = ~1, weights = ~wt, data = e),
  brewer = one(pps = "brewer"),
  overton_ht = one(pps = "overton"), overton_yg = one(pps = "overton", variance = "YG"),
  joint_ht = one(pps = ppsmat(election_jointprob)), joint_yg = one(pps = ppsmat(election_jointprob), variance = "YG"),
  hartley_ht = one(pps = HR(squares / 40)), hartley_yg = one(pps = HR(squares / 40), variance = "YG"))
said <- function(z) {
  t <- svytotal(~Bush + Kerry + Nader, z); m <- svymean(~Bush, z, deff = TRUE); r <- svyratio(~Bush, ~Kerry, z)
  b <- svyby(~votes, ~half, z, svytotal); g <- svyglm(Bush ~ votes, z); q <- svyglm(half ~ third, z, family = quasibinomial(), control = list(epsilon = 1e-14, maxit = 100))
  list(total = as.numeric(coef(t)), total_se = as.numeric(SE(t)), mean = c(coef(m)[[1]], SE(m)[[1]], deff(m)[[1]]), ratio = c(coef(r)[[1]], as.numeric(SE(r))),
       by = as.numeric(coef(b)), by_se = as.numeric(SE(b)), glm = as.numeric(coef(g)), glm_se = as.numeric(SE(g)), logit = as.numeric(coef(q)), logit_se = as.numeric(SE(q)), df = degf(z))
}
# Two strata drawn apart, and two stages: four rows of each of ten units, the units with unequal probabilities.
s <- e; s$h <- rep(1:2, 20)
u <- e; u$pu <- tapply(e$p, e$block, mean)[as.character(e$block)]; u$unit <- e$block; u$n2 <- 9
strat <- svydesign(id = ~1, strata = ~h, fpc = ~p, data = s, pps = "brewer")
two <- svydesign(id = ~unit + County, fpc = ~pu + I(4 / n2), data = u, pps = "brewer")
small <- function(z) { t <- svytotal(~Bush, z); r <- svyratio(~Bush, ~votes, z); c(coef(t)[[1]], SE(t)[[1]], coef(r)[[1]], as.numeric(SE(r)), degf(z)) }
out <- list(versions = list(R = as.character(getRversion()), survey = as.character(packageVersion("survey"))),
  squares = squares, designs = lapply(designs, said), strata = small(strat), stages = small(two))
write_json(out, file.path(here, "../values/pps.json"), digits = NA, auto_unbox = TRUE)
e$p <- format(e$p, digits = 17); e$wt <- format(e$wt, digits = 17)
write.csv(e[c("County", "Bush", "Kerry", "Nader", "votes", "p", "wt")], file.path(here, "../data/election.csv"), row.names = FALSE, quote = FALSE)
write.table(format(election_jointprob, digits = 16), file.path(here, "../data/election_joint.csv"), sep = ",", row.names = FALSE, col.names = FALSE, quote = FALSE)
