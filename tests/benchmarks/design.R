# Times of R survey, in seconds: rake and JK1 on the file named; called by design.py.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
d <- read.csv(args[1])
best <- function(f) min(sapply(1:5, function(k) system.time(f())[["elapsed"]]))
a <- as.data.frame(table(a = d$a)) ; b <- as.data.frame(table(b = d$b))
a$Freq <- a$Freq * 10; b$Freq <- b$Freq * 10
z <- svydesign(~psu, weights = ~w, data = d)
raked <- function() rake(z, list(~a, ~b), list(a, b), control = list(maxit = 200, epsilon = 1e-9))
r <- raked()
cat(best(raked), best(function() svymean(~y, r)), best(function() svymean(~y, rake(as.svrepdesign(z, type = "JK1"), list(~a, ~b), list(a, b), control = list(maxit = 200, epsilon = 1e-9)))), "\n")
