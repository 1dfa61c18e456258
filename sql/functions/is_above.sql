-- title:   Whether a test accuracy is above its threshold
-- formula: test_accuracy > accuracy_threshold; true where one of them is not known
-- source:  Baptista et al. 2024, section 4
-- grain:   scalar
-- example: select is_above(test_accuracy, accuracy_threshold) from networks
create or replace macro is_above(accuracy, threshold) as coalesce(accuracy > threshold, true);
