"""Plays scenes in which pages once said more than was true: `python -m tests.scenes [WORD …]`.

Each scene is what somebody saw, and the tests that show what is said today. Words narrow the scenes to those
that contain one of them; `--list` only lists them.
"""

import subprocess
import sys
from typing import Final

SCENES: Final[dict[str, tuple[str, ...]]] = {
    # Two numbers
    "The shown interval covers 55 % of winners, and the score is .10 too good": (
        "tests/evaluation/test_expected.py::test_the_best_of_many_equal_trials_pays_for_the_choice",
        "tests/evaluation/test_cross_epochs.py::test_pure_noise_has_no_gain_left",
        "tests/training/test_predictions.py::test_row_scores_are_those_of_the_kept_epoch_and_of_epochs_that_other_rows_chose",
        "tests/tuner/test_expected_scores.py::test_rows_are_read_with_the_epochs_that_other_rows_chose",
        "tests/reports/winner/test_summary.py::test_the_expected_score_leads_and_the_search_score_stands_beside_it",
    ),
    "Five seeds on one validation set are given a 95 % interval": (
        "tests/services/bundles/test_card.py::test_seeds_on_one_validation_set_have_a_spread_and_no_interval",
        "tests/tuner/test_expected_scores.py::test_one_validation_set_without_predictions_tells_nothing",
    ),
    "Pruned trials cost nothing, rows of a group choose for each other, F1 is the lucky one": (
        "tests/evaluation/test_expected.py::test_trials_that_were_stopped_for_their_scores_raise_the_price",
        "tests/evaluation/test_cross_epochs.py::test_rows_that_belong_together_choose_for_none_of_their_own",
        "tests/evaluation/test_expected.py::test_another_metric_pays_as_far_as_it_goes_with_the_objective",
        "tests/training/test_predictions.py::test_other_metrics_are_stored_at_the_epochs_that_the_objective_chose",
        "tests/web/test_winner_tab.py::test_other_metrics_stand_below_the_two_scores",
    ),
    "Home and lists of experiments show the search score alone": (
        "tests/web/test_home.py::test_a_search_score_has_the_expected_score_beside_it_once_there_is_one",
        "tests/web/test_compare_experiments.py::test_winners_and_best_scores_stand_beside_the_expected_ones",
    ),
    # Baselines and alarms
    "Iris, 2 folds, .958 against .333: no configuration beats a baseline": (
        "tests/tuner/test_baseline_outcomes.py::test_two_folds_far_above_the_constant_beat_it",
        "tests/evaluation/test_row_tests.py::test_equals_are_called_better_in_five_of_a_hundred_searches_at_most",
    ),
    "With one fit a trial nothing can ever warn": (
        "tests/tuner/test_baseline_outcomes.py::test_one_fit_is_tested_by_its_rows",
        "tests/tuner/test_baseline_outcomes.py::test_what_only_seems_better_is_undecided_or_worse",
    ),
    "A linear model beats the recommended trial, and one tab says so": (
        "tests/models/test_baselines_ahead.py",
        "tests/tuner/test_findings.py::test_a_baseline_that_wins_is_found_and_leads_to_its_trial",
    ),
    "The default configuration is pruned, so nothing is compared with it": (
        "tests/services/experiments/test_baselines.py::test_the_default_configuration_runs_whole_where_the_search_would_prune_it",
        "tests/services/experiments/test_baselines.py::test_a_running_baseline_stops_at_its_next_epoch",
    ),
    "Of equal scores the one with four times the weights is recommended": (
        "tests/tuner/test_winner_on_front.py::test_of_equal_scores_the_one_that_is_better_in_the_other_objective_wins",
        "tests/tuner/test_winner.py::test_the_rule_says_what_it_gives_up",
    ),
    # Locked rows
    "A build(hp) prints locked labels and trains on them": (
        "tests/tuner/test_locked_rows.py::test_a_trial_and_what_follows_it_reach_no_locked_row",
        "tests/tuner/test_locked_rows.py::test_a_dry_run_reaches_no_locked_row",
    ),
    "A build(hp) loads the dataset from a package and trains on locked rows": (
        "tests/training/sandbox/test_hostile_code.py::test_no_copy_of_a_built_in_dataset_is_in_reach",
    ),
    "A script loads a named dataset with its locked test part": (
        "tests/tuner/test_locked_rows.py::test_the_locked_test_part_of_a_named_dataset_isnt_lent",
        "tests/tuner/test_locked_rows.py::test_a_script_that_reads_the_test_part_leaves_none_to_lock",
    ),
    "A clone, another seed or the same upload is a first look for ever": (
        "tests/evaluation/test_row_lock.py::test_neither_order_nor_seed_nor_kind_changes_what_is_locked",
        "tests/web/test_revealed_rows.py::test_members_read_it_on_protocol_and_winner_of_a_clone",
        "tests/web/test_revealed_rows.py::test_the_form_says_it_while_somebody_types",
    ),
    "Nobody says before a reveal what to expect": (
        "tests/web/test_revealed_rows.py::test_the_range_is_announced_before_and_kept_with_the_reveal",
    ),
    # Claims
    "Nothing speaks against it, where every line read wasn't done": (
        "tests/house/test_all_clears.py",
        "tests/training/child/test_output_checks.py::test_what_only_the_models_code_knows_is_not_called_checked",
        "tests/tuner/test_findings.py::test_each_check_says_what_it_rests_on_or_why_it_was_not_made",
    ),
    "Three of three losses are NaN, and nothing speaks against it": (
        "tests/tuner/test_preflight.py::test_a_loss_that_is_no_number_is_named_and_starts_nothing",
    ),
    "No region fails, with 16 of 20 trials diverged": (
        "tests/search/findings/test_failing_region.py::test_sixteen_of_twenty_that_diverge_above_a_learning_rate",
    ),
    "It loses 251879314963634 %": (
        "tests/search/findings/test_curves.py::test_a_curve_that_only_falls_loses_points_and_no_percents_of_nothing",
    ),
    "A script's own 400 arrays are reported as MNIST": (
        "tests/tuner/test_own_arrays.py",
        "tests/services/bundles/test_card.py::test_arrays_of_the_code_claim_nothing_of_the_dataset",
    ),
    # Data
    "Leaks, copies, groups, dates and written numbers are believed at upload": (
        "tests/ingest/checks/test_bad_tables.py",
        "tests/services/bundles/test_dates.py::test_the_downloaded_model_takes_raw_texts_and_can_be_trained_again",
    ),
    "A loss on logits with softmax missing passes Check first": (
        "tests/training/child/test_output_checks.py::test_each_problem_is_named_with_what_was_seen",
        "tests/tuner/test_preflight.py::test_a_rate_at_the_edge_that_diverges_is_named_with_the_constraint",
        "tests/tuner/test_preflight.py::test_a_class_that_some_fold_lacks_is_named",
    ),
    # The downloaded model
    "The button doesn't say which fold the file is from": (
        "tests/reports/winner/test_downloads.py",
    ),
    "predict.py ends at a ragged line or 1e400": ("tests/services/bundles/test_predict.py",),
}


def chosen(words: list[str]) -> dict[str, tuple[str, ...]]:
    """The scenes that contain one of the words; all without words."""
    return {
        seen: tests
        for seen, tests in SCENES.items()
        if not words or any(word.lower() in seen.lower() for word in words)
    }


def main(words: list[str]) -> int:
    """Play scenes one after the other, with the tests' own output where one fails; 1 if any did."""
    only_list = "--list" in words
    failed = 0
    for seen, tests in chosen([word for word in words if word != "--list"]).items():
        if only_list:
            print(seen, *tests, sep="\n    ")
            continue
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--level=all", *tests]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        print(f"{'ok    ' if ended.returncode == 0 else 'FAILED'} {seen}", flush=True)
        if ended.returncode:
            failed = 1
            print(ended.stdout[-4000:], ended.stderr[-2000:])
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
