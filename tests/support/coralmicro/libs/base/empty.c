extern int stand_in;
