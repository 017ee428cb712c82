"""CatBoost at its defaults: text as categories, gaps of numbers as gaps, gaps of text as a category."""

from protocol import answer, threads
import catboost


def fit(X, y, categories):
    text = {name: "" for name in categories}
    model = catboost.CatBoostRegressor(thread_count=threads, verbose=False, allow_writing_files=False, random_seed=0)
    model.fit(X.fillna(text), y, cat_features=categories)
    return lambda X: model.predict(X.fillna(text))


answer(f"CatBoost {catboost.__version__}", fit)
