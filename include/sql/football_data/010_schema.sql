create schema if not exists football_data;

comment on schema football_data is
'Results, match statistics and betting odds of 38 football leagues, from the CSV files of football-data.co.uk.';
