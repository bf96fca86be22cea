"""How a sentence ties the answer to money, to the standing of the hospital or to those who check it (Q04): who gets, counts, looks."""

from __future__ import annotations

from query_mgr.queries.lint.grammar import Pattern, Patterns

TIED = Patterns((
    # standing: ours, and how it moves
    Pattern("OURS ..2 STANDING", unless="CLINICAL_STANDING SOCIAL"),
    Pattern("your ..1 YOUR_STANDING", unless="CLINICAL_STANDING your_patient"),
    Pattern("STRONG_STANDING ..5 MOVES", unless="CLINICAL_STANDING"),
    Pattern("MOVES ..6 STRONG_STANDING", unless="CLINICAL_STANDING"),
    Pattern("MOVES ..3 OURS ..2 STANDING", unless="CLINICAL_STANDING"),
    Pattern("STANDING ..2 of|for|at|in ..1 the|our|your|this HOUSE", unless="CLINICAL_STANDING stay_in rate_of"),
    Pattern("HOUSE ..3 STRONG_STANDING|score|scores|quota|goal|target", unless="CLINICAL_STANDING goals_of treatment_goal"),
    Pattern("goal|goals|target|targets|quota|quotas|number|numbers|tally|count ..3 CALENDAR", unless="CLINICAL_STANDING"),
    Pattern("PEERS", unless="transferred outside_records transfer"),
    Pattern("VERSUS ..4 PEERS|benchmark|benchmarks|national_average"),
    Pattern("BLAME_COUNT ..2 against ..2 US|HOUSE|you|your_service"),
    Pattern("count~ ..2 for|toward|towards|against ..3 US|OURS|TIER|STANDING", unless="CLINICAL_STANDING"),
    Pattern("REGISTRY ..8 REGISTERS|MOVES", unless="REGISTRY_OTHER"),
    Pattern("REGISTERS|MOVES ..6 REGISTRY", unless="REGISTRY_OTHER"),
    Pattern("EXPECTED EXPECTED_WHAT", unless="SCALES"),
    Pattern("star|report|grade|rating|quality|safety|public page|card|cards|board|site|website|pages|tables|table", beside="MOVES REGISTERS HOUSE OURS show shows on", unless="lab_report school"),
    # those who pay and those who check
    Pattern("PAYER ..5 WANTS", unless="SOCIAL MEDICINES PAYER_OTHER"),
    Pattern("WANTS ..3 by|from PAYER|REVIEWER", unless="SOCIAL MEDICINES PAYER_OTHER"),
    Pattern("REVIEWER|cfo|ceo|cmo|coo|vp|controller ..5 WANTS", unless="REVIEWER_OTHER"),
    Pattern("or|otherwise|unless|without|until|only_if|before ..7 APPROVED", beside="not n't never be is wo get gets NOT", unless="SOCIAL fda procedure_consent"),
    Pattern("get|obtain|secure|need|lose|win|support|request|pending|submit ..3 authorization|preauthorization|approval|coverage|certification ..10 diagnosis|without|documentation|code|wording|stay|days|term"),
    Pattern("SCRUTINY ..8 outside|outsider|outsiders|reviewer|reviewers|auditor|audit|payer|appeal|challenge|denial|scrutiny|board|plan|medicare|insurer|anyone|regulator", unless="fluid_challenge methacholine patient"),
    Pattern("SUPPORTS ..4 LEVEL_OF_CARE", unless="rehab placement physical_therapy"),
    Pattern("RANKED", unless="CLINICAL_STANDING"),
    Pattern("WATCHED ..8 diagnosis|diagnoses|condition|conditions|chart|charts|account|accounts|year|quarter|case|cases|code|codes|us|our|hospital|look|looks|audit|review|pull|list|this|these|compare|compared|site", unless="RADAR_OTHER SOCIAL"),
    Pattern("PAYER ..3 says|say|thinks|decides|feels|holds|argues|maintains|finds|will|would|has|wo|is|are|may|does|do|never|always ..12 diagnosis|without|unless|days|stay|admission|code|record|records|criteria|documentation|type|cause|stage|class|claim", unless="SOCIAL MEDICINES PAYER_OTHER"),
    Pattern("nurse|reviewer|doctor|director|clerk|rep|representative|desk at|from|of|for ..2 PAYER", unless="SOCIAL MEDICINES PAYER_OTHER"),
    # other houses, and how far ours is from where it should be
    Pattern("OTHER ..2 HOUSES", unless="transferred transfer records admitted_to seen_at outside_records moved_from"),
    Pattern("HOUSE|we|unit ..5 SHORT_OF ..4 AIM", unless="CLINICAL_STANDING patient urine output"),
    Pattern("we|us ..3 BURNED ..8 PAYER|REVIEWER|charts|quarter|year|last_month|cases|audit|review|state", unless="PATIENT"),
    Pattern("NAMED_PAYER", beside="we us our charts chart stay days admission claim case record records year", unless="SOCIAL MEDICINES"),
    Pattern("reviewed|pulled|sampled|examined|surveyed|inspected|audited|checked|graded|abstracted|requested|watched|tracked ..2 by|at the? PAYER|REVIEWER|surveyors|state|government|feds|regulators|board|quality_department|headquarters|corporate|leadership", unless="board_of tumor_board ethics"),
    Pattern("HOUSE|corporate|headquarters|legal|office ..4 nervous|anxious|worried|concerned|unhappy|happy|pleased|watching|sensitive ..2 about|over|with|when", unless="PATIENT"),
    Pattern("code|codes|coded|diagnosis|term|word|answer|type|stage|this|it ..4 open~|carry~|land~|put~|place~|lift~|unlock~|trigger~|reach~|weigh~|lead~_to|drop~ ..4 GROUPS", unless="SCALES CLINICAL_STANDING blood_group study_group age_group weight_group"),
    Pattern("AMOUNT ..8 we|us|our|hospital|cost|costs|drug|lost|extra|stay|case|difference|more|less|without", unless="UNITS"),
    Pattern("do~|does nothing|little|wonders|much|something for|to US|OURS|our|the_index|the_unit"),
    Pattern("symptom|non_specific|nonspecific|unspecified|vague code|codes ..10 PAYER|the_plan|throw~|reject~|pay~|count~|worth|nothing|group~|throws"),
    Pattern("tenths|hundredths|decimals|fractions ..4 below|above|short|lower|higher|less|more"),
    Pattern("risk|severity|acuity|complexity score|factor|weight|index ..4 fall~|drop~|reset~|go~|return~|start~|rise~|climb~ ..4 zero|january|year|restated|recaptured|again|next", unless="SCALES CLINICAL_STANDING"),
    # worth
    Pattern("COUNTS ..2 US ..3 WORTHLESS|MONEY_TALK", unless="SOCIAL time notice"),
    Pattern("US ..3 get~|lose~|earn~|receive~|recover~|collect~|make~|see~|be_out|keep~|net~ ..4 WORTHLESS|MONEY_TALK", unless="SOCIAL report liters blood"),
    Pattern("carry~|add~ ..2 no|little|less|more|any|zero|extra|greater|additional|higher weight|value|points|worth|impact|credit", unless="PATIENT kg lb lbs baby fetal weight_loss gained bearing nutritional prognostic"),
    Pattern("worth ..3 WORTHLESS|points|more|nothing|MONEY_TALK", unless="discussing considering noting"),
    Pattern("COUNTS ..6 TIER", unless="SCALES"),
    Pattern("TIER ..5 COUNTS|for_the_stay|of_the_stay", unless="SCALES DEGREE_ASKED"),
    Pattern("IMPACT_LABEL ..1 :"),
    Pattern("GAP ..6 PANEL", unless="anion"),
    Pattern("address~|capture~|document~|recapture~|code~|submit~|assess~|refresh~|report~ ..5 EACH_YEAR", unless="screened vaccine mammogram"),
    Pattern("CASE ..3 paid|reimbursed|billed|invoiced|dropped|sitting|held|stuck|parked|unbilled ..3 as|at|in|until|on|for|by|pending", unless="SOCIAL call_paid attention iv_drip catheter"),
    Pattern("hold~_up|holding_up|held_up|delay~|block~|stop~ ..3 bill|billing|claim|account|final_coding|coding|the_drop|invoice"),
    Pattern("FORTUNE", unless="SOCIAL FORTUNE_OTHER"),
    Pattern("financially|fiscally|budget_wise|moneywise|dollar_wise|reimbursement_wise|revenue_wise"),
))  # fmt: skip
