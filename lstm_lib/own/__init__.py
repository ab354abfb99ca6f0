"""Your own data: read a file, forecast a series, model a text, save what was trained.

The order to read them in: series (table cuts a file into columns, cell and dates say what is in them, rows which of
them make one series in which order, given takes lists and arrays, understood says how it was read,
refusing what is wrong), splitting, forecaster,
baselines, forecasting, text, early_stopping, saving.
"""

from lstm_lib.own.early_stopping import fit_and_keep_the_best, shuffled
from lstm_lib.own.forecaster import Forecaster, fed_back, rmse
from lstm_lib.own.forecasting import KINDS, forecasts, refit, train_forecaster
from lstm_lib.own.saving import load, save
from lstm_lib.own.series import OwnSeries, read_series, read_text
from lstm_lib.own.splitting import Part, Split, split_in_time
from lstm_lib.own.text import OTHER, CharacterModel, TextSplit, bits, ngram_bits, sample, split_text, train_characters
