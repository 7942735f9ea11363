"""Reference values of sensitivity to confounding: PySensemakr 0.0.8 on its bundled survey of Darfur.

In a venv of its own, since it does not run with pandas 3:
    pip install PySensemakr "pandas<2.3" "numpy<2" "statsmodels<0.15" && python darfur.py > ../values/darfur.json
Of the data only cross-products within villages are kept.
"""

import json

import sensemakr
import statsmodels.formula.api as smf

NAMES = ["peacefactor", "directlyharmed", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female"]
survey = sensemakr.load_darfur()
model = smf.ols(f"{NAMES[0]} ~ {' + '.join(NAMES[1:])} + village", survey).fit()
found = sensemakr.Sensemakr(model, "directlyharmed", benchmark_covariates=["female", "pastvoted", "age"], kd=[1, 2, 3])
within = survey[NAMES].astype(float) - survey.groupby("village")[NAMES].transform("mean")
print(
    json.dumps(
        {
            "names": NAMES,
            "crossproducts": (within.T @ within).to_numpy().tolist(),
            "n": len(survey),
            "df": int(model.df_resid),
            "estimate": float(model.params["directlyharmed"]),
            "std_error": float(model.bse["directlyharmed"]),
            "stats": {key: float(value) for key, value in found.sensitivity_stats.items()},
            "bounds": found.bounds.to_dict("records"),
        }
    )
)
